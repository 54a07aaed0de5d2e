"""How the knowledge app is doing, for readiness."""

from datetime import timedelta

from django.db.models import F, Max, Min, OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from knowledge.models import Document, Revision, Verification
from portal.common.health import Check, check

LIMIT = timedelta(minutes=5)


def index_lag() -> timedelta:
    """The age of the oldest change that search does not know yet; zero when it knows all."""
    verified = Verification.objects.filter(recommendation__revision=OuterRef("current_revision")).order_by()
    last = verified.values("recommendation__revision").annotate(last=Max("at")).values("last")
    behind = Document.objects.exclude(version=F("indexed_version"))
    oldest = behind.aggregate(oldest=Min(Greatest("changed_at", Subquery(last))))["oldest"]
    return timezone.now() - oldest if oldest else timedelta()


@check("search index")
def index() -> Check:
    lag = index_lag()
    return lag <= LIMIT, f"{int(lag.total_seconds())} s behind" if lag else "up to date"


@check("scheduled publications")
def scheduled() -> Check:
    due = Revision.objects.filter(state=Revision.State.SCHEDULED).aggregate(first=Min("scheduled_for"))["first"]
    late = timezone.now() - due if due else timedelta()
    return late <= LIMIT, f"one is {int(late.total_seconds())} s late" if late > timedelta() else "none is late"
