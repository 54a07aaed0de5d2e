"""What a section asks of a question: its gate in versions, and what one question still lacks."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from consults import gate
from consults.models import Consult, GateVersion
from consults.policy import may_set_gate
from portal.common import audit
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Denied


def version_of(specialty_id: int | None) -> GateVersion | None:
    """The newest gate of a specialty; None: what the network asks."""
    if specialty_id is None:
        return None
    return GateVersion.objects.filter(specialty=specialty_id).order_by("-number").first()


def gate_of(specialty_id: int | None) -> gate.Gate:
    """What is asked of a question of this specialty now."""
    version = version_of(specialty_id)
    return version.gate if version else gate.NETWORK


def asked(consult: Consult, *, consented: bool, documents: int, files: int) -> gate.Asked:
    """A draft as the gate sees it, with so many documents and files."""
    return gate.Asked(
        has_specialty=consult.specialty_id is not None,
        reason=consult.reason,
        texts={name: getattr(consult, name) for name in gate.TEXTS},
        documents=documents,
        files=files,
        consented=consented,
    )


def gaps(consult: Consult, *, consented: bool) -> list[gate.Gap]:
    """What the draft still lacks before it can be sent."""
    documents, files = consult.documents.count(), consult.attachments.count()
    seen = asked(consult, consented=consented, documents=documents, files=files)
    return gate.gaps(gate_of(consult.specialty_id), seen)


@transaction.atomic
def define(*, by: Person, specialty: Specialty, rules: Mapping[str, gate.Rule], consent: str) -> GateVersion:
    """Ask this of the specialty's questions from now on, as a new version. Questions that were sent keep theirs.

    A field that is left out is as the network has it. Raises Refused for anyone but the section lead and administrators
    of the network, and Invalid naming each field that is wrong.
    """
    if isinstance(decision := may_set_gate(by.actor, specialty.pk), Denied):
        raise Refused(decision.reason)
    wanted = gate.Gate(dict(rules), consent)
    if problems := gate.problems(wanted):
        raise Invalid(**problems)
    Specialty.objects.select_for_update().get(pk=specialty.pk)
    last = GateVersion.objects.filter(specialty=specialty).aggregate(last=Max("number"))["last"] or 0
    version = GateVersion.objects.create(
        specialty=specialty, number=last + 1, rules=wanted.as_json(), consent=consent, made_by=by
    )
    audit.record(by=by, action="gate.define", object_type="specialty", object_id=specialty.slug, version=version.number)
    return version
