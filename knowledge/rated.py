"""How readers rate documents, for editors.

Counts of all readers together, never by organization: the rule on small cells is kept by showing no such cell at all.
"""

from django.db.models import Count, F, Q

from knowledge.models import Document, DocumentQuerySet, Feedback


def ratings() -> DocumentQuerySet:
    """Published documents whose current revision was rated, those that answered least first.

    Each has ``yes``, ``partly``, ``no``, ``low`` (partly and no) and ``open_comments``. What was said of an earlier
    revision may have been mended since and does not count; its open comments still wait.
    """
    of_current = Q(feedback__revision=F("current_revision"))
    waiting = Q(feedback__answered_at=None) & ~Q(feedback__comment="")
    rated = Document.objects.published().annotate(
        yes=Count("feedback", filter=of_current & Q(feedback__answer="yes")),
        partly=Count("feedback", filter=of_current & Q(feedback__answer="partly")),
        no=Count("feedback", filter=of_current & Q(feedback__answer="no")),
        open_comments=Count("feedback", filter=waiting),
        low=F("partly") + F("no"),
    )
    rated = rated.filter(Q(low__gt=0) | Q(yes__gt=0) | Q(open_comments__gt=0))
    return rated.select_related("current_revision").order_by("-low", "-no", "yes", "current_revision__title", "pk")


def open_comments() -> int:
    """Comments that wait for a reply."""
    return Feedback.objects.open().count()
