"""Icons: the package's, as text of the template."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from lucide.templatetags.lucide import lucide


def test_an_icon_is_the_packages() -> None:
    drawn = Template('{% load lucide %}<p>{% lucide "bell" size=18 aria_hidden="true" %}</p>').render(Context())
    assert drawn == f"<p>{lucide('bell', size=18, aria_hidden='true')}</p>"
    assert 'width="18"' in drawn
    assert 'aria-hidden="true"' in drawn


@pytest.mark.parametrize("what", ['name size=18 aria_hidden="true"', '"bell" size=size', '"bell"|upper'])
def test_what_is_known_only_later_is_refused(what: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load lucide %}{% lucide " + what + " %}")
