"""Errors that the user can act on. Each prints as one line; everything else is a bug."""


class ConfigError(Exception):
    """A value in params.yaml, or on the command line, that cannot work."""


class DataError(Exception):
    """A file whose content is not what its format promises."""
