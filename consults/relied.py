"""Who received an answer that rests on a document."""

from collections.abc import Iterable

from consults.models import Consult, Message


def answered(document: int) -> Iterable[int]:
    """The requesters of consults with an answer that cites the document, whichever of its revisions."""
    cited = Consult.objects.filter(messages__kind=Message.Kind.ANSWER, messages__citations__document=document)
    return cited.values_list("requester_id", flat=True).distinct()
