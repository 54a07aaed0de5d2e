"""Whether the site lives (/healthz) and whether it can do its work (/readyz), for monitors. It names nobody."""

from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portal.common import heartbeat, present, scanning
from portal.common.models import Mail

Check = tuple[bool, str]
CHECKS: dict[str, Callable[[], Check]] = {}
SWEEP_LIMIT = timedelta(minutes=3)
MAIL_LIMIT = timedelta(minutes=10)
CLOCK_LIMIT = timedelta(seconds=5)
REFUSED_BY_RECIPIENT = "SMTPRecipientsRefused"
"""Such mail says something of one address and nothing of the site."""


def check(name: str) -> Callable[[Callable[[], Check]], Callable[[], Check]]:
    """Register a readiness check: it answers (fine, words)."""

    def register(function: Callable[[], Check]) -> Callable[[], Check]:
        CHECKS[name] = function
        return function

    return register


@check("database")
def database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True, "answers"


@check("clock")
def clock() -> Check:
    """This host's clock against the database's. The answer may take its time: what it took is no difference."""
    before, there, after = timezone.now(), present.now(), timezone.now()
    ahead, behind = before - there, there - after
    apart = max(ahead, behind, timedelta())
    if apart <= CLOCK_LIMIT:
        return True, "agrees with the database's"
    side = "ahead of" if ahead > behind else "behind"
    return False, f"this host's is {apart.total_seconds():.0f} s {side} the database's"


@check("broker")
def broker() -> Check:
    try:
        with current_app.connection_for_write() as channel:
            channel.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:  # noqa: BLE001 - each transport raises its own
        return False, f"cannot be reached ({type(error).__name__}); beat and workers wait for it"
    return True, "answers"


@check("sweep")
def sweep() -> Check:
    return _young("sweep", SWEEP_LIMIT)


def _young(name: str, limit: timedelta) -> Check:
    age = heartbeat.age(name)
    if age is None:
        return False, "has never run"
    return age <= limit, f"ran {int(age.total_seconds())} s ago"


@check("mail")
def mail() -> Check:
    waiting = Mail.objects.filter(sent_at=None).exclude(last_error=REFUSED_BY_RECIPIENT)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    if oldest is None:
        return True, "nothing waits"
    age = present.now() - oldest
    return age <= MAIL_LIMIT, f"oldest unsent is {int(age.total_seconds())} s old"


@check("upload scanner")
def scanner() -> Check:
    return scanning.state()


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every check is fine, else 503; each check with its words."""
    results = {name: _run(function) for name, function in CHECKS.items()}
    ready = all(fine for fine, _ in results.values())
    body = {
        "status": "ready" if ready else "not ready",
        "checks": {name: {"ok": fine, "detail": words} for name, (fine, words) in results.items()},
    }
    return JsonResponse(body, status=200 if ready else 503, headers={} if ready else {"Retry-After": "30"})


def _run(function: Callable[[], Check]) -> Check:
    try:
        return function()
    except DatabaseError as error:
        return False, f"cannot be asked ({type(error).__name__})"
