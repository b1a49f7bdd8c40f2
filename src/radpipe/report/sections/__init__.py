"""The sections of the page: what each says, computed from the results; its words stand in templates/."""
