"""How a question of the queue looks: drawn here and not by a template, because a page has twenty-five of them."""

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from consults import clockface
from consults.queue import Row

_ROW = """
<li class="list-row queue-row" data-item{}>
  <div class="row-apart">{}
    {}</div>
  <a class="list-row-title" href="{}">{}</a>
  <div class="line"><span class="figures">{}</span><span>{}</span><span>{}</span><span>{}</span></div>
</li>"""
_CLAIM = (
    '<form method="post" action="{}claim/"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    '<button class="button button-small" data-claim>Claim<span class="visually-hidden"> {}</span></button></form>'
)


def draw(rows: Iterable[Row], *, csrf_token: str) -> SafeString:
    """As the items of a list, with a button for those that can be claimed."""
    return mark_safe("".join(_row(row, csrf_token) for row in rows))  # noqa: S308 - each was put together safely


def _row(row: Row, csrf_token: str) -> SafeString:
    claim = format_html(_CLAIM, row.address, csrf_token, row.number) if row.may_claim else ""
    return format_html(
        _ROW,
        "" if row.assignee else mark_safe(" data-unclaimed"),
        clockface.small(row.clock),
        claim,
        row.address,
        row.question,
        row.number,
        row.specialty,
        row.organization,
        _whose(row),
    )


def _whose(row: Row) -> str:
    if row.is_mine:
        return "With me"
    return f"With {row.assignee}" if row.assignee else "Nobody has it yet"
