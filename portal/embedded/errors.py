"""What goes wrong with the embedded servers, said to the person who started them."""


class EmbeddedError(Exception):
    """The embedded servers cannot run; the message names the fix."""
