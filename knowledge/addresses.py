"""How a document is named in addresses: the converter ``document``, known once this module is imported."""

from django.urls import register_converter


class SlugConverter:
    """A document's identifier; anything else is no address of the site."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SlugConverter, "document")
