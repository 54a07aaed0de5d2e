"""Why a service did not do what was asked. Web pages show the sentence; REST answers with it."""


class Refused(Exception):
    """The person may not do this; ``str()`` is the reason, in words for them (403)."""


class Conflict(Exception):
    """Not possible in the present state; ``str()`` says why (409)."""


class Invalid(Exception):
    """A value is wrong. ``fields`` maps each field to what to do about it (400)."""

    def __init__(self, **fields: str) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields
