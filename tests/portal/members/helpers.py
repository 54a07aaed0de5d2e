"""What these tests do over and over: the sign-in page, mail on its way out, links in it."""

import re
from typing import Any

from django.test import Client

from portal.common.models import Mail
from tests.cast import PASSWORD


def sign_in_by_page(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    """Post the sign-in page, as a browser does."""
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def last_mail(to: str) -> Mail:
    """The newest message for the address."""
    return Mail.objects.filter(to=to).latest("id")


def link_in(mail: Mail) -> str:
    """The path of the first link of the message that leads further than the front page."""
    found = re.search(r"^https?://[^/\s]+(/\S+)$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[1]


def is_signed_in(client: Client) -> bool:
    """Whether the client's session is anyone's."""
    return bool(client.get("/account/").status_code == 200)


def without_masks(response: Any) -> str:
    """The body, without what differs at every rendering: the masked CSRF token."""
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())


def same_body(one: Any, other: Any) -> bool:
    """Whether two answers tell the same."""
    return bool(one.status_code == other.status_code and without_masks(one) == without_masks(other))
