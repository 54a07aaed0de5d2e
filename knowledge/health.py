"""How the knowledge app is doing, for readiness."""

from datetime import timedelta

from django.db.models import F, Min
from django.utils import timezone

from knowledge.models import Document
from portal.common.health import Check, check

LIMIT = timedelta(minutes=5)


def index_lag() -> timedelta:
    """The age of the oldest change that search does not know yet; zero when it knows all."""
    behind = Document.objects.exclude(version=F("indexed_version")).aggregate(oldest=Min("changed_at"))
    return timezone.now() - behind["oldest"] if behind["oldest"] else timedelta()


@check("search index")
def index() -> Check:
    lag = index_lag()
    return lag <= LIMIT, f"{int(lag.total_seconds())} s behind" if lag else "up to date"
