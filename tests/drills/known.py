"""What is there to name: identifiers that stand in the addresses and bodies of the REST interface.

A made-up identifier hits nothing, and then every answer is 404. They are read from the database, other people's too.
"""

import random
from typing import Any

import psycopg

SAMPLE = 60
TABLES = {
    "absences": "members_absence",
    "agreements": "fees_agreement",
    "allocations": "fees_allocation",
    "applications": "members_application",
    "bank/files": "fees_bankfile",
    "bank/lines": "fees_bankline",
    "calls": "consults_call",
    "conferences": "consults_conference",
    "credit-notes": "fees_creditnote",
    "education": "knowledge_educationentry",
    "engagements": "consults_engagement",
    "fee-accounts": "fees_account",
    "feedback": "knowledge_feedback",
    "invitations": "members_invitation",
    "invoices": "fees_invoice",
    "lists": "knowledge_readinglist",
    "online-payments": "fees_payment",
    "payments": "fees_payment",
    "people": "members_person",
    "pieces": "consults_piece",
    "plans": "fees_plan",
    "renewals": "fees_renewal",
    "usage": "fees_agreement",
}
DOCUMENTS = "FROM knowledge_document d JOIN {} x ON x.document_id = d.id"
REVISIONS = "FROM knowledge_document d JOIN knowledge_revision r ON r.document_id = d.id"
HOUSES = "FROM members_organization o JOIN {} x ON x.organization_id = o.id"
OF_CONSULT = "SELECT c.number FROM consults_consult c JOIN {} x ON x.consult_id = c.id"
KEPT = {
    **{
        f"{place}/{{id}}": f"SELECT id FROM {table}"  # noqa: S608 - ours
        for place, table in TABLES.items()
    },
    "answers/{number}": OF_CONSULT.format("consults_faqoffer"),
    "peer-reviews/{number}": OF_CONSULT.format("consults_peerreview"),
    "conferences/{id}/agenda/{item}": "SELECT conference_id, id FROM consults_agendaitem",
    "consults/{number}": "SELECT number FROM consults_consult WHERE state != 'draft'",
    "drafts/{number}": "SELECT number FROM consults_consult WHERE state = 'draft'",
    "documents/{slug}": "SELECT slug FROM knowledge_document",
    "documents/{slug}/attachments/{name}": "SELECT d.slug, x.name " + DOCUMENTS.format("knowledge_documentattachment"),
    "documents/{slug}/overlays/{id}": "SELECT d.slug, x.id " + DOCUMENTS.format("knowledge_overlay"),
    "documents/{slug}/revisions/{number}": f"SELECT d.slug, r.number {REVISIONS}",
    "documents/{slug}/revisions/{number}/remarks/{id}": f"SELECT d.slug, r.number, x.id {REVISIONS}"
    " JOIN knowledge_remark x ON x.revision_id = r.id",
    "documents/{slug}/revisions/{number}/reviews/{id}": f"SELECT d.slug, r.number, x.id {REVISIONS}"
    " JOIN knowledge_review x ON x.revision_id = r.id",
    "engagements/{id}/measures/{measure}": "SELECT engagement_id, id FROM consults_measure",
    "exports/{key}": "SELECT key FROM common_export",
    "invoices/{number}": "SELECT number FROM fees_invoice",
    "lists/{id}/documents/{slug}": "SELECT x.reading_list_id, d.slug " + DOCUMENTS.format("knowledge_listentry"),
    "organizations/{slug}": "SELECT slug FROM members_organization",
    "organizations/{slug}/contacts/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_contact"),
    "organizations/{slug}/directory/groups/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_directorygroup"),
    "organizations/{slug}/directory/tokens/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_provisioningtoken"),
    "organizations/{slug}/domains/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_organizationdomain"),
    "organizations/{slug}/facilities/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_facility"),
    "organizations/{slug}/invitation-lists/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_roster"),
    "organizations/{slug}/join-requests/{id}": "SELECT o.slug, x.id " + HOUSES.format("members_joinrequest"),
    "organizations/{slug}/signed-documents/{key}": "SELECT o.slug, x.key " + HOUSES.format("members_signeddocument"),
    "specialties/{slug}": "SELECT slug FROM members_specialty",
}
"""By the longest beginning of an address that it fills: a value for each of its parameters, in their order."""
PEOPLE = "SELECT email FROM members_person"
NAMED = {
    "consult": KEPT["consults/{number}"],
    "document": KEPT["documents/{slug}"],
    "documents": KEPT["documents/{slug}"],
    "email": PEOPLE,
    "facility": "SELECT name FROM members_facility",
    "organization": KEPT["organizations/{slug}"],
    "owner": PEOPLE,
    "person": PEOPLE,
    "requester": PEOPLE,
    "reviewer": PEOPLE,
    "reviewers": PEOPLE,
    "specialist": PEOPLE,
    "specialties": KEPT["specialties/{slug}"],
    "specialty": KEPT["specialties/{slug}"],
    "sponsor": PEOPLE,
    "to": KEPT["specialties/{slug}"],
}
"""By the name of a field or of a parameter of the query."""
IDENTIFIED = {
    "heir": KEPT["people/{id}"],
    "invoice": KEPT["invoices/{id}"],
    "line": KEPT["bank/lines/{id}"],
    "message": "SELECT id FROM consults_message",
    "payment": KEPT["payments/{id}"],
    "person": KEPT["people/{id}"],
    "reply_to": "SELECT id FROM knowledge_remark",
}
"""The same where the field is a number."""
OWN = """
SELECT p.id, o.slug FROM members_person p LEFT JOIN members_role r ON r.person_id = p.id
  LEFT JOIN members_organization o ON o.id = r.organization_id WHERE p.email = ANY(%s)
"""


class Known:
    """What the database holds now; a sample is read anew for each operation, so that new rows come in."""

    def __init__(self, database: str, people: list[str]) -> None:
        self._connection = psycopg.connect(database, autocommit=True)
        self._connection.execute("SELECT set_config('consilium.organizations', '*', false)")
        self._samples: dict[str, list[tuple[Any, ...]]] = {}
        own = self._connection.execute(OWN, [people]).fetchall()
        self.spared = {str(value) for row in own for value in row if value}
        """The people who ask and their organizations: what ends their tokens would end the run."""

    def forget(self) -> None:
        self._samples = {}

    def address(self, path: str, dice: random.Random) -> dict[str, str]:
        """Values for the parameters of an address, as far as there are any."""
        found = [place for place in KEPT if f"{path}/".startswith(f"{place}/")]
        if not found:
            return {}
        place = max(found, key=len)
        names = [part[1:-1] for part in place.split("/") if part.startswith("{")]
        row = self._one(KEPT[place], dice)
        return dict(zip(names, map(str, row), strict=True)) if row else {}

    def value(self, name: str, like: object, dice: random.Random) -> Any:
        """Something that a field of this name may mean; what was there already, where nothing is known."""
        if isinstance(like, list):
            inner = [self.value(name, one, dice) for one in like if isinstance(one, str)]
            return inner or like
        statement = (IDENTIFIED if isinstance(like, int) else NAMED).get(name)
        row = self._one(statement, dice) if statement and not isinstance(like, bool | float | dict) else None
        return row[0] if row else like

    def _one(self, statement: str, dice: random.Random) -> tuple[Any, ...] | None:
        if statement not in self._samples:
            sample = f"SELECT * FROM ({statement}) AS kept ORDER BY random() LIMIT {SAMPLE}"  # noqa: S608 - ours
            self._samples[statement] = self._connection.execute(sample.encode()).fetchall()
        rows = self._samples[statement]
        return dice.choice(rows) if rows else None
