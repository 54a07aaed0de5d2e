"""What a browser would post of a page's form."""

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """Gathers the fields of the form with one id."""

    def __init__(self, id_: str) -> None:
        super().__init__()
        self.id, self.inside = id_, False
        self.fields: dict[str, list[str]] = {}
        self._textarea = self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = found.get("id") == self.id
        if not self.inside:
            return
        name, kind = found.get("name", ""), found.get("type", "text")
        if tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "select":
            self._select = name
            self.fields.setdefault(name, [""])
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = [found.get("value", "")]
        elif tag == "input" and name and kind != "file" and (kind not in ("checkbox", "radio") or "checked" in found):
            self.fields.setdefault(name, []).append(found.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.fields[self._textarea] = [self._text.removeprefix("\n")]
            self._textarea = ""
        elif tag == "form":
            self.inside = False


def fields(page: str, *, form: str = "write", **more: Any) -> dict[str, Any]:
    """The fields of the form as they stand on the page, with ``more`` in place of or besides them."""
    reader = _Form(form)
    reader.feed(page)
    return {name: values if len(values) > 1 else values[0] for name, values in reader.fields.items()} | more
