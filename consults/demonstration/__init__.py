"""A few weeks of consults for the demonstration, replayed through the services in the order of their moments."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Max

from consults.demonstration import people
from consults.demonstration.asking import load_asking
from consults.demonstration.calls import load_calls
from consults.demonstration.meetings import meeting_moments
from consults.demonstration.pieces import load_pieces
from consults.hours import Shift
from consults.models import Consult
from consults.services import answering, availability, clockwork, drafting, requesting, rota, sending
from knowledge.models import Document
from portal.common import present, tenancy
from portal.common.models import Mail, Notice
from portal.members.models import Person, Specialty

SOURCE = Path(__file__).with_name("consults.yaml")
Row = dict[str, Any]
Moment = tuple[datetime, int, Callable[[datetime], None]]


def load_consults() -> int:
    """Replay the source up to now, with a sweep before each step; returns how many consults were made.

    Does nothing where a demonstration clinician has asked before. Nothing is mailed for what is past.
    """
    with tenancy.everything():
        if Consult.objects.filter(requester__is_demonstration=True).exists():
            return 0
        _on_call(present.now())
        load_pieces(at=present.now())
        rows: list[Row] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
        now = present.now()
        mails = set(Mail.objects.values_list("pk", flat=True))
        for at, _, act in sorted([*_moments(rows, now), *meeting_moments(now)], key=itemgetter(0, 1)):
            with _told_at(at, now):
                clockwork.sweep(now=at)
                act(at)
        with _told_at(now, now):
            clockwork.sweep(now=now)
            load_calls(now)
            people.load(now)
        load_asking(now)
        Mail.objects.exclude(pk__in=mails).delete()
        return len(rows)


def _on_call(now: datetime) -> None:
    """Hours of two specialists, and a rota of four weeks for the sections that have a lead."""
    one, other, lead = (_person(f"{name}@network.example") for name in ("specialist", "specialist2", "lead"))
    for person, parts in ((one, ((8, 10), (16, 18))), (other, ((12, 14), (17, 19)))):
        week = [Shift(day, time(start), time(end)) for day in range(5) for start, end in parts]
        availability.set_week(by=person, person=person, shifts=week)
    today = rota.today(now)
    for slug in ("cardiology", "hospital-medicine"):
        specialty = Specialty.objects.get(slug=slug)
        for week_number in range(4):
            first, pair = today + timedelta(weeks=week_number), (one, other)[:: 1 if week_number % 2 else -1]
            last = first + timedelta(days=6)
            rota.set_days(by=lead, specialty=specialty, since=first, until=last, primary=pair[0], backup=pair[1])


@contextmanager
def _told_at(at: datetime, now: datetime) -> Iterator[None]:
    """Date what is told inside as of ``at``; only what is younger than a day is still unread."""
    last = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
    yield
    read_at = None if now - at < timedelta(days=1) else at
    Notice.objects.filter(pk__gt=last).update(created_at=at, read_at=read_at)


def _moments(rows: list[Row], now: datetime) -> list[Moment]:
    return [moment for number, row in enumerate(rows) for moment in _Replay(row, now).moments(number)]


class _Replay:
    """One consult of the source, step by step."""

    def __init__(self, row: Row, now: datetime) -> None:
        self.row = row
        self.start = now - timedelta(hours=row["hours_ago"])
        self.consult: Consult

    def moments(self, number: int) -> list[Moment]:
        steps: list[Moment] = [(self.start, number, self._begin)]
        for step in self.row.get("steps", []):
            at = self.start + timedelta(hours=step["after"])
            steps.append((at, number, partial(self._step, step)))
        return steps

    def _begin(self, at: datetime) -> None:
        row, person = self.row, _person(self.row["asked_by"])
        content = drafting.Content(
            specialty=Specialty.objects.get(slug=row["specialty"]),
            reason=row["reason"],
            question=row["question"],
            summary=row["summary"],
            documents=_documents(row),
            named_specialist=_person(row["to"]) if row.get("to") else None,
        )
        self.consult = drafting.start_draft(by=person, organization_id=None, content=content, at=at)
        if not row.get("draft"):
            sending.send(self.consult, by=person, attested=False, at=at)

    @transaction.atomic
    def _step(self, step: Row, at: datetime) -> None:
        by = _person(step.get("by") or self.row["asked_by"])
        told = {name: value for name, value in step.items() if name not in ("do", "by", "after")}
        if "documents" in told:
            told["documents"] = _documents(told)
        if "to" in told:
            told["to"] = _person(told["to"]) if told["to"] else None
        STEPS[step["do"]](self.consult, by=by, at=at, **told)


STEPS: dict[str, Callable[..., Consult]] = {
    "claim": answering.claim,
    "ask": answering.ask_back,
    "reply": requesting.reply,
    "answer": answering.answer,
    "handover": answering.hand_over,
    "decline": answering.decline,
    "withdraw": requesting.withdraw,
    "close": requesting.close,
}


def _person(email: str) -> Person:
    return Person.objects.get(email=email)


def _documents(row: Row) -> list[Document]:
    return list(Document.objects.filter(slug__in=row.get("documents", [])))
