"""Whom to tell about a weakness of the site: /.well-known/security.txt (RFC 9116)."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

LIFETIME = timedelta(days=180)
"""How long a copy of the page may be believed; RFC 9116 asks for less than a year."""


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contact of SECURITY_CONTACT; nothing is here where none is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    until = datetime.combine((timezone.now() + LIFETIME).astimezone(UTC), time(), UTC)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
