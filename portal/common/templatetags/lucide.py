"""``{% lucide "name" size=18 aria_hidden="true" %}``: the package's icon, drawn once, when its template is read."""

from typing import Any

from django import template
from django.template import TemplateSyntaxError
from django.template.base import FilterExpression, Parser, TextNode, Token, Variable
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.tag
def lucide(parser: Parser, token: Token) -> TextNode:
    """Text in the page: a page with a hundred icons costs nothing for them. So all that it takes must be literal."""
    _, name, *options = token.split_contents()
    values = {key: _literal(parser, value) for key, _, value in (option.partition("=") for option in options)}
    return TextNode(draw(_literal(parser, name), **values))


def _literal(parser: Parser, text: str) -> Any:
    found: FilterExpression = parser.compile_filter(text)
    if found.filters or (isinstance(found.var, Variable) and found.var.lookups is not None):
        raise TemplateSyntaxError(f"An icon is drawn when its template is read: {text} is not known then.")
    return found.resolve(template.Context())
