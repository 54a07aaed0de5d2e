"""What the walk of roles finds: one of each thing, all of Prairie's clinician or organization, and the people who try.

``special`` says, by the name of an address, what fills its parameters; ``values`` fills those it does not name.
"""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.utils import timezone

from consults.models import Availability, PeerReview
from consults.services import (
    agenda,
    attachments,
    calls,
    conferences,
    engagements,
    improving,
    pieces,
    preparing,
    promising,
    setting_aside,
)
from knowledge.models import Document, Feedback, Overlay, Revision
from knowledge.services import (
    Learned,
    add_remark,
    add_to_list,
    attaching,
    create_list,
    record_education,
    stop_token,
    submit_revision,
)
from portal.common.models import Notice
from portal.members.models import ApiToken, Invitation, Person, Role, Specialty, digest
from tests.cast import Cast, away, give, make_person
from tests.consults.helpers import closed, drafted, sent
from tests.knowledge.pictures import picture
from tests.portal.walked_administration import (
    named,
    of_a_person,
    of_applications,
    of_fees,
    of_files,
    of_own_people,
    of_signing_in,
)

Named = dict[str, dict[str, object]]


def walked_world(cast: Cast) -> SimpleNamespace:
    """The people, the values and the special values."""
    people = _people(cast)
    for person in filter(None, people.values()):
        _token(person, person.email)
    document, revision, waiting = _document(cast)
    consult = sent(cast, at=timezone.now())
    upload = SimpleUploadedFile("a.txt", b"notes")
    file = attachments.attach(consult, by=cast.clinician_prairie, upload=upload, at=timezone.now())
    special = {
        **_drafted(cast),
        **_of_members(cast),
        **_of_an_organization(cast),
        **of_fees(cast),
        **of_own_people(cast),
        **of_applications(cast),
        **of_files(cast),
        **of_a_person(cast.clinician_prairie),
        **of_signing_in(cast.reviewer),
        **named("api-thread-draft", kind="ask"),
        **_of_a_document(cast, document, revision),
        **_beside(cast, revision),
        **_of_the_desk(cast),
        **_of_calls(cast),
        **_of_the_desk_itself(cast),
        **_of_a_conference(cast),
        **_of_an_engagement(cast),
        **_of_a_section(cast),
        **_of_a_review(cast, waiting),
        **_of_a_reader(cast.clinician_prairie, document),
    }
    values = {"number": consult.number, "key": file.key, "slug": "walked", "token": "secret"}
    return SimpleNamespace(people=people, values=values, special=special)


def _people(cast: Cast) -> dict[str, Person | None]:
    neurology = Specialty.objects.get(slug="neurology")
    colleague = make_person("second@prairie.example", "Ana Sol")
    foreign_admin = make_person("admin@lakeside.example", "Liv Ek")
    neurologist = make_person("neuro@network.example", "Lee Park")
    return {
        "outsider": None,
        "clinician": cast.clinician_prairie,
        "colleague": give(colleague, Role.Name.CLINICIAN, organization=cast.prairie),
        "foreign": cast.clinician_lakeside,
        "admin": cast.admin_prairie,
        "foreign-admin": give(foreign_admin, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside),
        "specialist": cast.specialist,
        "neurologist": give(neurologist, Role.Name.SPECIALIST, specialties=(neurology,)),
        "lead": cast.lead,
        "editor": cast.editor,
        "network-admin": cast.network_admin,
        "auditor": cast.auditor,
    }


def _token(person: Person, text: str) -> ApiToken:
    expires_at = timezone.now() + timedelta(days=1)
    return ApiToken.objects.create(person=person, digest=digest(text), hint="t", expires_at=expires_at)


def _named(prefix: str, values: dict[str, object]) -> Named:
    """The same values for every address whose name is the prefix, or begins with it and a hyphen."""
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    return {name: values for name in names if name == prefix or name.startswith(f"{prefix}-")}


def _drafted(cast: Cast) -> Named:
    draft = drafted(cast)
    file = attachments.attach(
        draft, by=cast.clinician_prairie, upload=SimpleUploadedFile("b.txt", b"notes"), at=timezone.now()
    )
    number: dict[str, object] = {"number": draft.number}
    return {"ask-draft": number, "ask-discard": number, "ask-detach": number | {"key": file.key}}


def _of_members(cast: Cast) -> Named:
    notice = Notice.objects.create(person=cast.clinician_prairie, kind="k", text="t", path="/", key="k")
    token = _token(cast.clinician_prairie, "t")
    leave = timezone.now() + timedelta(days=30)
    absence = away(cast.specialist, leave + timedelta(days=1), since=leave)
    Availability.objects.create(person=cast.specialist, feed_digest=digest("secret"))
    person: dict[str, object] = {"pk": cast.clinician_prairie.pk}
    return {
        **{key: {"pk": notice.pk} for key in ("notice", "notice-read")},
        **{key: {"pk": absence.pk} for key in ("absence-remove", "api-absence-remove")},
        **dict.fromkeys(("person", "stand-in", "role-give", "person-deactivate", "person-reactivate"), person),
        "token-revoke": {"pk": token.pk},
        "role-remove": person | {"role": cast.clinician_prairie.roles.get().pk},
    }


def _of_an_organization(cast: Cast) -> Named:
    invitation = Invitation.objects.create(
        email="new@prairie.example",
        role="clinician",
        organization=cast.prairie,
        digest=digest("secret"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    names = "organization people facility-add organization-deactivate organization-reactivate"
    names += " organization-acknowledgements organization-remind"
    names += " api-organization-deactivate api-organization-reactivate"
    return {
        **{f"{place}invitation-{act}": {"pk": invitation.pk} for place in ("", "api-") for act in ("resend", "revoke")},
        "facility-remove": {"slug": "prairie", "pk": cast.prairie_clinic.pk},
        **{key: {"slug": "prairie"} for key in names.split()},
    }


def _document(cast: Cast) -> tuple[Document, Revision, Revision]:
    """A document with a published revision and one in review, and beside it a draft that could be sent."""
    document = Document.objects.create(slug="walked", kind="topic")
    text = {"title": "Walked", "body": "Text", "content_hash": "x", "author": cast.reviewer}
    revision = Revision.objects.create(document=document, number=1, **text)
    Revision.objects.filter(pk=revision.pk).update(state="published", published_at=timezone.now())
    Document.objects.filter(pk=document.pk).update(current_revision=revision)
    waiting = Revision.objects.create(document=document, number=2, specialty_slugs=["cardiology"], **text)
    reviewers = [(cast.lead, cast.specialist)]
    submit_revision(revision=waiting, reviewers=reviewers, due_on=timezone.localdate(), by=cast.reviewer)
    to_send = Document.objects.create(slug="sent", kind="topic")
    Revision.objects.create(document=to_send, number=1, title="Sent", body="Text", content_hash="x")
    return document, revision, waiting


def _of_a_document(cast: Cast, document: Document, revision: Revision) -> Named:
    shown = attaching.attach(document=document, upload=SimpleUploadedFile("way.png", picture()), by=cast.editor)
    files = ("document-file", "document-file-remove", "api-attachment")
    revisions = ("document-revision", "api-revision", "revision-pdf", "revision-print-style")
    return {
        **{key: {"name": shown.name} for key in files},
        **{key: {"number": revision.number} for key in revisions},
        **{key: {"slug": "cardiology"} for key in ("specialty-follow", "specialty-unfollow")},
    }


def _beside(cast: Cast, revision: Revision) -> Named:
    """A note of Prairie and its clinician's comment, by the addresses that name them."""
    on = {"document": revision.document, "revision": revision}
    writer = cast.admin_prairie
    said = {"place": "text", "number": 0, "quote": "Text", "text": "Note", "author": writer, "changed_by": writer}
    overlay = Overlay.objects.create(organization=cast.prairie, **on, **said)
    feedback = Feedback.objects.create(person=cast.clinician_prairie, **on, answer="yes", comment="Thank you")
    notes = ("overlay", "overlay-keep", "overlay-delete", "api-overlay", "api-overlay-keep")
    comments = ("comment", "api-feedback-reply")
    named: Named = {name: {"pk": overlay.pk} for name in notes}
    return named | {name: {"pk": feedback.pk} for name in comments}


def _of_the_desk(cast: Cast) -> Named:
    """What is promised, and a closed consult offered to the editors."""
    answer = timedelta(hours=4)
    promise = promising.define_promise(by=cast.network_admin, urgency="urgent", answer=answer).promise
    hours = [[["08:00", "12:00"]]] * 7
    calendar = promising.define_calendar(
        by=cast.network_admin, name="Office", zone="UTC", week=hours, today=timezone.localdate()
    )
    found: Named = {name: {"pk": promise.pk} for name in ("promise", "promise-end")}
    offers = ("answer", "answer-decline", "answer-undo", "api-answer-draft", "api-answer-decline")
    number = closed(cast).number
    found |= {name: {"number": number} for name in offers}
    return found | {"calendar": {"pk": calendar.calendar_id}}


def _of_a_section(cast: Cast) -> Named:
    cardiology: dict[str, object] = {"slug": cast.cardiology.slug}
    pages = ("board-section", "conference-policy", "peer-review-share", "api-review-share")
    rest = (
        "api-routing",
        "api-gate",
        "api-expected",
        "api-read-instead",
        "api-ladder",
        "api-review-share",
        "api-phone",
    )
    return _named("section", cardiology) | dict.fromkeys((*pages, *rest), cardiology)


def _of_calls(cast: Cast) -> Named:
    """A call that waits for somebody of cardiology."""
    row = calls.request_call(
        by=cast.clinician_prairie,
        specialty=cast.cardiology,
        number="217 555 0143",
        topic="Which dose of apixaban on dialysis?",
        at=timezone.now(),
    )
    return _named("call", {"pk": row.pk}) | _named("api-call", {"pk": row.pk})


def _of_the_desk_itself(cast: Cast) -> Named:
    """A saved piece of cardiology, a draft that reading ended, an answer with minutes, and one drawn for review."""
    now = timezone.now()
    text = "Thank you for the question."
    piece = pieces.add(by=cast.lead, specialty=cast.cardiology, title="Greeting", text=text, attested=True, at=now)
    draft, other, read = drafted(cast), drafted(cast), Document.objects.get(slug="walked")
    ended = setting_aside.set_aside(other, by=cast.clinician_prairie, document=read, at=now)
    answer = closed(cast)
    preparing.set_policy(by=cast.admin_prairie, organization=cast.prairie, bills=True, at=now)
    PeerReview.objects.create(consult=answer, month=now.date().replace(day=1), specialist=cast.specialist, drawn_at=now)
    colleague: dict[str, object] = {"pk": cast.clinician_prairie.pk}
    return {
        **_named("piece", {"pk": piece.pk}),
        **_named("api-piece", {"pk": piece.pk}),
        **_named("api-ask-draft", {"number": draft.number}),
        **{name: {"number": ended.number} for name in ("ask-ended", "ask-take-up", "api-ask-draft-take-up")},
        **{name: {"number": answer.number} for name in ("consult-billing", "api-consult-billing")},
        **{name: {"number": answer.number} for name in ("consult-minutes", "api-consult-minutes")},
        **{name: {"number": answer.number} for name in ("consult-preparation", "api-consult-preparation")},
        **{name: {"slug": "prairie"} for name in ("organization-preparation", "api-organization-preparation")},
        **{name: {"number": answer.number} for name in ("peer-review", "api-peer-review")},
        **dict.fromkeys(("consult-unwatch", "person-consults", "api-person-consults"), colleague),
    }


def _of_a_conference(cast: Cast) -> Named:
    """One of cardiology, with the specialist invited and a consult of Prairie on its agenda."""
    now = timezone.now()
    when = conferences.When(now + timedelta(days=2), "America/Chicago", 60, "Room 4")
    row = conferences.schedule(
        by=cast.lead, specialty=cast.cardiology, title="Board", when=when, invited=[cast.specialist], at=now
    )
    item = agenda.put_on(row, by=cast.lead, consult=sent(cast, at=now), minutes=15, at=now)
    values: dict[str, object] = {"pk": row.pk, "item": item.pk, "person": cast.specialist.pk}
    return _named("conference", values) | _named("agenda", values) | _named("api-conference", values)


def _of_an_engagement(cast: Cast) -> Named:
    """One of Prairie that is under way, with the specialist as its consultant, a measure and a milestone."""
    now = timezone.now()
    row = engagements.ask(
        by=cast.admin_prairie,
        organization=cast.prairie,
        area="Time to antibiotics",
        goal="A median under 60 minutes.",
        scope="The emergency department.",
        sponsor=cast.admin_prairie,
        at=now,
    )
    row = engagements.agree(row, by=cast.network_admin, hours=Decimal(10), at=now)
    row = engagements.name(row, by=cast.network_admin, person=cast.specialist, is_consultant=True, at=now)
    row = engagements.begin(row, by=cast.specialist, at=now)
    measure = improving.add_measure(
        row, by=cast.specialist, name="Door to antibiotic", unit="minutes", definition="Median", better="down", at=now
    )
    milestone = improving.add_milestone(row, by=cast.specialist, name="A month below 60", due_on=now.date(), at=now)
    values: dict[str, object] = {"pk": row.pk, "measure": measure.pk, "milestone": milestone.pk}
    values["person"] = cast.specialist.pk
    return _named("engagement", values) | _named("api-engagement", values)


def _of_a_review(cast: Cast, revision: Revision) -> Named:
    """What the addresses of a review name; of a draft to send there is another document's."""
    review, remark = revision.reviews.get().pk, add_remark(revision=revision, text="Walked.", by=cast.lead).pk
    here: dict[str, object] = {"number": revision.number}
    whole = (
        "review review-decide review-withdraw review-add review-remark api-review api-reviews api-withdraw api-remarks"
    )
    one = "review-replace review-claim review-remind"
    one += " api-review-decide api-review-replace api-review-claim api-review-remind"
    said = "remark-reply remark-resolve remark-reopen api-remark-resolve api-remark-reopen"
    found: Named = {
        "document-submit": {"slug": "sent"},
        "api-submit": {"slug": "sent", "number": 1},
    }
    found |= dict.fromkeys(whole.split(), here)
    found |= {name: here | {"pk": review} for name in one.split()}
    return found | {name: here | {"pk": remark} for name in said.split()}


def _of_a_reader(person: Person, document: Document) -> Named:
    """What belongs to one person alone: a list, an entry of continuing education, the link of their digest."""
    document.refresh_from_db()
    kept = create_list(name="Kept", by=person)
    add_to_list(reading_list=kept, document=document, by=person)
    learned = Learned(on=date(2026, 1, 2), question="What was walked?", documents=[document], effect="none")
    entry = record_education(learned=learned, by=person)
    lists = ("list", "list-rename", "list-delete", "list-up", "list-down", "list-remove")
    rest = ("api-list", "api-list-documents", "api-list-document")
    entries = ("education-entry", "education-delete", "api-education-entry")
    found: Named = {name: {"pk": kept.pk} for name in (*lists, *rest)}
    found |= {name: {"pk": entry.pk} for name in entries}
    return found | {name: {"token": stop_token(person)} for name in ("digest-stop", "digest-start")}
