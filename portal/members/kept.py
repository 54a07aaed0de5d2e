"""What was typed into a form whose session had ended, kept until the same person has signed in again.

The fields wait in the new, anonymous session, with a mark of the person they belong to. The mark comes from a cookie
that outlives the session and says nothing by itself: a keyed hash of the person. Where there is no such cookie, the
owner of the text is not known and nothing is kept. Signing in changes the CSRF token, so that a page left open by one
person cannot be posted after another has used the browser.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from portal.members.models import Person

COOKIE = f"{settings.COOKIE_PREFIX}consilium_reader"
COOKIE_AGE = timedelta(days=7)
KEY = "kept_form"
LIMIT = 256 * 1024
SECRETS = ("password", "csrfmiddlewaretoken", "code", "credential", "token")


def keep(request: HttpRequest) -> bool:
    """Keep the posted fields of a request without a person, and say whether that was done.

    Files are not kept, nor passwords and the like, nor more than 256 KB.
    """
    owner = request.COOKIES.get(COOKIE, "")
    fields = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if not any(secret in name for secret in SECRETS):
            fields.setlist(name, values)
    text = fields.urlencode()
    if not owner or not text or len(text) > LIMIT:
        return False
    request.session[KEY] = {"for": owner, "target": request.path, "page": page_of(request), "fields": text}
    return True


def take(request: HttpRequest, path: str) -> QueryDict | None:
    """The fields kept for the person who is now signed in, once, for the form that was at ``path`` or posts to it."""
    kept = request.session.get(KEY)
    if not kept or not isinstance(request.user, Person):
        return None
    if not constant_time_compare(kept["for"], _mark(request.user)):
        forget(request)
        return None
    if path not in (kept["target"], urlsplit(kept["page"]).path):
        return None
    forget(request)
    return QueryDict(kept["fields"])


def posted_or_kept(request: HttpRequest) -> QueryDict | None:
    """What to fill a form of this page with: what is posted now, or what was before signing in again."""
    return request.POST if request.method == "POST" else take(request, request.path)


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def forget_those_of_others(request: HttpRequest, person: Person) -> None:
    """Drop what waits for another person; called as soon as ``person`` has signed in."""
    kept = request.session.get(KEY)
    if kept and not constant_time_compare(kept["for"], _mark(person)):
        forget(request)


def remember_reader(response: HttpResponse, person: Person) -> None:
    """Leave the mark by which a form posted after the session's end finds its owner."""
    response.set_cookie(
        COOKIE,
        _mark(person),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_reader(response: HttpResponse) -> None:
    """After signing out on purpose nothing is kept any more."""
    response.delete_cookie(COOKIE, samesite="Lax")


def page_of(request: HttpRequest) -> str:
    """The page to come back to: the one that holds the form, as far as the browser says, else the address itself."""
    if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        return request.get_full_path()
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(told)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
    return request.path


def _mark(person: Person) -> str:
    return salted_hmac("portal.members.kept", str(person.pk), algorithm="sha256").hexdigest()
