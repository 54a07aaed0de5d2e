"""How the knowledge app is doing on this host, for readiness."""

from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from knowledge import search
from knowledge.models import Document, Revision
from portal.common.health import Check, check

LIMIT = timedelta(minutes=5)


def index_lag() -> timedelta:
    """The age of the oldest change that this host's index does not know; zero when it knows all.

    Raises search.Missing and search.Damaged.
    """
    oldest = search.oldest_pending()
    return max(timezone.now() - oldest, timedelta()) if oldest else timedelta()


@check("search index")
def index() -> Check:
    try:
        lag = index_lag()
    except (search.Missing, search.Damaged) as error:
        if not Document.objects.filter(version__gt=0).exists():
            return True, "nothing is published yet"
        return False, f"{error} The database answers meanwhile."
    return lag <= LIMIT, f"this host's is {int(lag.total_seconds())} s behind" if lag else "up to date"


@check("scheduled publications")
def scheduled() -> Check:
    due = Revision.objects.filter(state=Revision.State.SCHEDULED).aggregate(first=Min("scheduled_for"))["first"]
    late = timezone.now() - due if due else timedelta()
    return late <= LIMIT, f"one is {int(late.total_seconds())} s late" if late > timedelta() else "none is late"
