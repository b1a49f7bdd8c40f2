"""The backend of Keras, checked before Keras is imported: its own error is a traceback."""

import os
from importlib.util import find_spec

from radpipe.errors import ConfigError

BACKENDS = ("tensorflow", "jax", "torch")


def refuse_unknown_backend() -> None:
    """Raise ConfigError if KERAS_BACKEND names a backend that is unknown, or not installed."""
    name = os.environ.get("KERAS_BACKEND", "")
    if not name:
        return
    if name not in BACKENDS:
        raise ConfigError(f"KERAS_BACKEND: {name!r}, expected one of {', '.join(BACKENDS)}, or unset it")
    if find_spec(name) is None:
        raise ConfigError(f"KERAS_BACKEND: {name} is not installed; install it, or unset KERAS_BACKEND")
