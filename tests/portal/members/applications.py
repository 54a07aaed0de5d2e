"""Applications in the states that tests begin from, made by the form and the services."""

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portal.members import checklist
from portal.members.models import Organization
from portal.members.models_applications import Application
from portal.members.models_house import SignedDocument
from portal.members.services import applying, signing, vetting
from tests.cast import Cast
from tests.portal.members.helpers import last_mail, link_in

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n"
EMAIL = "nora.lund@riverbend.example"
FORM = {
    "name": "Riverbend Health",
    "kind": "hospital",
    "street": "12 Main Street",
    "city": "Riverbend",
    "region": "Kansas",
    "postal_code": "67601",
    "clinicians": "40",
    "contact_name": "Nora Lund",
    "contact_email": EMAIL,
    "hopes": "Answers within two days.",
}
WELCOME = {
    "name": "Riverbend Health",
    "tier": "member",
    "time_zone": "America/Chicago",
    "facility": "Riverbend Hospital",
    "facility_kind": "hospital",
    "administrator_name": "Nora Lund",
    "administrator_email": EMAIL,
}


def apply(**changes: str) -> str:
    """Apply by the page; the path of the link that was mailed."""
    data = FORM | changes
    assert Client().post("/apply/", data).status_code == 302
    return link_in(last_mail(data["contact_email"]))


def waiting(**changes: str) -> Application:
    """One whose address is confirmed."""
    link = apply(**changes)
    assert Client().post(link).status_code == 302
    return Application.objects.latest("confirmed_at")


def ready(cast: Cast, **changes: str) -> Application:
    """One whose checklist is complete."""
    row = waiting(**changes)
    for item in checklist.items():
        vetting.tick(row, by=cast.network_admin, item=item.key, is_done=True, at=timezone.now())
    return row


def accepted(cast: Cast, at: datetime | None = None) -> Organization:
    """An organization that is joining."""
    welcome = vetting.Welcome(**WELCOME)
    return vetting.accept(ready(cast), by=cast.network_admin, welcome=welcome, at=at or timezone.now())


def signed_paper(cast: Cast, name: str = "agreement.pdf", content: bytes = PDF) -> SignedDocument:
    """A signed paper of Prairie Health, brought by its administrator."""
    return signing.keep(
        by=cast.admin_prairie,
        organization=cast.prairie,
        title="Agreement 2026",
        signed_on=date(2026, 1, 2),
        signed_by="Robin Castell, Jo Lindqvist",
        upload=SimpleUploadedFile(name, content),
        at=timezone.now(),
    )


def token_of(row: Application) -> str:
    return applying.link_of(row).rstrip("/").rpartition("/")[2]


def days(number: float) -> timedelta:
    return timedelta(days=number)
