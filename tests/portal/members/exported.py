"""Short ways to a file that somebody asked for."""

import gzip
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from portal.common import exporting, exports
from portal.common.audit import record
from portal.common.models import Export
from portal.members import trail
from portal.members.exporting import AUDIT
from portal.members.models import Person
from tests.cast import Cast

EVERYTHING = trail.Asked().as_json()


def happen(cast: Cast, number: int = 3) -> None:
    for n in range(number):
        record(by=cast.clinician_prairie, action="mine", object_type="x", object_id=n, organization_id=cast.prairie.pk)
        record(by=cast.clinician_lakeside, action="theirs", object_type="x", object_id=n)


def ask(person: Person, kind: exports.Kind = AUDIT, form: str = "jsonl", asked: Any = EVERYTHING) -> Export:
    return exporting.ask(by=Person.objects.get(pk=person.pk), kind=kind, form=form, asked=asked, at=timezone.now())


def bytes_of(client: Client, row: Export) -> bytes:
    answer = client.get(f"/exports/{row.key}/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def lines_of(client: Client) -> list[dict[str, Any]]:
    """What the latest file on the page holds."""
    text = gzip.decompress(bytes_of(client, Export.objects.latest("id"))).decode()
    return [json.loads(line) for line in text.splitlines()]
