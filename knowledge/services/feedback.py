"""“Was this answered?”: a reader's answer, their comment, and the reply an editor gives."""

from django.db import transaction
from django.utils import timezone

from knowledge.models import Document, Feedback, FeedbackReply
from knowledge.services.publishing import require_editor
from portal.common.audit import record
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person

LONGEST = 2000
_LONGEST_TITLE = 150


@transaction.atomic
def give_feedback(
    *, document: Document, revision: int, answer: str, reason: str = "", comment: str = "", by: Person
) -> Feedback:
    """Say whether a revision answered the question; said again, it replaces what was said before.

    Raises Invalid, naming each field: anything but yes needs a reason. A comment that is new or changed waits for a
    reply, and the revision's author is told that there is one.
    """
    read = document.revisions.ever_published().filter(number=revision).select_related("author").first()
    if read is None:
        raise Invalid(revision="This revision is not there.")
    comment = _text("comment", comment)
    _check(answer, reason)
    values = {"answer": answer, "reason": reason if answer != Feedback.Answer.YES else "", "comment": comment}
    row, is_new = Feedback.objects.select_for_update().get_or_create(
        person=by, document=document, revision=read, defaults=values
    )
    has_new_comment = bool(comment) and (is_new or comment != row.comment)
    if not is_new and all(getattr(row, field) == value for field, value in values.items()):
        return row
    if not is_new:
        row.answered_at = row.answered_at if comment and comment == row.comment else None
        row.changed_at = timezone.now()
        for field, value in values.items():
            setattr(row, field, value)
        row.save()
    record(
        by=by,
        action="feedback.give",
        object_type="document",
        object_id=document.slug,
        revision=read.number,
        answer=answer,
        reason=row.reason,
    )
    if has_new_comment and read.author and read.author.pk != by.pk and read.author.actor.is_editor:
        key = f"feedback:{row.pk}:{row.changed_at:%Y%m%d%H%M%S%f}"
        tell(
            person=read.author,
            kind="feedback",
            text=f"A reader has commented on “{_short(read.title)}”.",
            path=row.get_absolute_url(),
            key=key,
        )
    return row


@transaction.atomic
def reply_to_feedback(*, feedback: Feedback, text: str, by: Person) -> FeedbackReply:
    """Write back to the reader, who is told that there is a reply and reads it on the document's page.

    Raises Refused for anyone but an editor, Invalid for an empty or long text, and Conflict when there is no comment.
    """
    require_editor(by)
    text = _text("text", text)
    if not text:
        raise Invalid(text="Write what the reader should know.")
    rows = Feedback.objects.select_for_update(of=["self"]).select_related("person", "document", "revision")
    row = rows.get(pk=feedback.pk)
    if not row.comment:
        raise Conflict("The reader has taken the comment back.")
    reply = FeedbackReply.objects.create(feedback=row, comment=row.comment, text=text, by=by)
    row.answered_at = reply.at
    row.save(update_fields=["answered_at"])
    record(by=by, action="feedback.reply", object_type="document", object_id=row.document.slug, feedback=row.pk)
    tell(
        person=row.person,
        kind="feedback",
        text=f"{by.name} has replied to your comment on “{_short(row.revision.title)}”.",
        path=f"{row.document.get_absolute_url()}#feedback",
        key=f"feedback-reply:{reply.pk}",
    )
    return reply


def _check(answer: str, reason: str) -> None:
    wrong = {}
    if answer not in Feedback.Answer.values:
        wrong["answer"] = "Choose yes, partly or no."
    elif answer != Feedback.Answer.YES and reason not in Feedback.Reason.values:
        wrong["reason"] = "Choose what was missing."
    if wrong:
        raise Invalid(**wrong)


def _text(field: str, text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise Invalid(**{field: f"At most {LONGEST:,} characters; this has {len(text):,}."})
    return text


def _short(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
