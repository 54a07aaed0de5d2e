"""Who gets a file: asked about when it is asked for, when it is made, and when it is fetched."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from portal.common import exporting
from portal.common.models import Export
from portal.common.refusals import Conflict, Refused
from portal.common.tasks import make_exports
from portal.members.exporting import AUDIT
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.exported import EVERYTHING, ask, bytes_of, happen, lines_of

pytestmark = pytest.mark.usefixtures("files")


def test_nobody_gets_anothers_file_and_the_link_expires(cast: Cast, client: Client) -> None:
    happen(cast)
    row = ask(cast.auditor)
    address = f"/exports/{row.key}/"
    assert sign_in(client, cast.auditor).get(address).status_code == 404, "not made yet"
    make_exports()
    assert bytes_of(client, row)
    other = give(make_person("auditor2@network.example", "Noa Lind"), Role.Name.AUDITOR)
    for who in (other, cast.admin_prairie, cast.clinician_prairie, cast.network_admin, cast.editor):
        assert sign_in(Client(), who).get(address).status_code == 404
    for who in (cast.clinician_prairie,):
        assert sign_in(Client(), who).get("/exports/").status_code == 403
        assert sign_in(Client(), who).post("/exports/").status_code == 403
    assert Client().get(address).status_code == 302
    name = str(Export.objects.get().file.name)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == 404
    storage = Export.objects.get().file.storage
    assert storage.exists(name)
    make_exports()
    assert not storage.exists(name)
    assert b"Gone since" in client.get("/exports/").content
    exporting.forget_exports(now=timezone.now() + timedelta(days=31))
    assert not Export.objects.exists()


def test_who_may_not_is_refused_when_asking(cast: Cast, client: Client) -> None:
    with pytest.raises(Refused):
        ask(cast.clinician_prairie)
    with pytest.raises(Refused):
        ask(cast.network_admin)
    sign_in(client, cast.network_admin).post("/exports/", {"of": "audit", "format": "csv"})
    assert not Export.objects.exists()


def test_who_lost_the_role_meanwhile_gets_nothing(cast: Cast, client: Client, files: Path) -> None:
    happen(cast)
    ask(cast.admin_prairie)
    Role.objects.filter(person=cast.admin_prairie).delete()
    assert make_exports() == 0
    row = Export.objects.get()
    assert (row.state(timezone.now()), row.why_failed) == ("failed", "You may no longer have it.")
    assert not list(files.rglob("*.gz"))


def test_who_lost_part_of_what_it_rests_on_does_not_fetch_it(cast: Cast, client: Client) -> None:
    happen(cast)
    give(cast.admin_prairie, Role.Name.AUDITOR)
    row = ask(cast.admin_prairie)
    make_exports()
    sign_in(client, cast.admin_prairie)
    assert {"mine", "theirs"} <= {line["action"] for line in lines_of(client)}
    Role.objects.filter(person=cast.admin_prairie, name="auditor").delete()
    assert client.get("/exports/").status_code == 200, "still an administrator of Prairie"
    assert client.get(f"/exports/{row.key}/").status_code == 404
    give(cast.admin_prairie, Role.Name.AUDITOR)
    assert bytes_of(client, row)


def test_what_was_closed_where_it_was_asked_for_stays_closed(cast: Cast) -> None:
    """An organization's rules of sign-in take its role away for the session; the worker does not give it back."""
    happen(cast)
    give(cast.admin_prairie, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)
    person = Person.objects.get(pk=cast.admin_prairie.pk)
    person.actor = person.actor.without([cast.prairie.pk])
    exporting.ask(by=person, kind=AUDIT, form="csv", asked=EVERYTHING, at=timezone.now())
    make_exports()
    assert Export.objects.get().powers == [f"organization-administrator:{cast.lakeside.pk}"]


def test_nobody_fetches_or_asks_on_somebodys_behalf(cast: Cast, client: Client) -> None:
    row = ask(cast.admin_prairie)
    make_exports()
    sign_in(client, cast.network_admin).post(f"/people/{cast.admin_prairie.pk}/look/", {"reason": "R-1"})
    assert b"Robin Castell" in client.get("/exports/").content
    assert client.get(f"/exports/{row.key}/").status_code == 404
    client.post("/exports/", {"of": "audit", "format": "csv"})
    assert Export.objects.count() == 1


def test_refusals(cast: Cast, client: Client) -> None:
    for _ in range(3):
        ask(cast.auditor)
    with pytest.raises(Conflict, match="Three of your files"):
        ask(cast.auditor)
    Export.objects.all().delete()
    sign_in(client, cast.auditor)
    for wrong in ({"since": "nonsense"}, {"organization": "none-such"}, {"left": "x"}, {"format": "xls"}, {"of": "x"}):
        page = client.post("/exports/", {"of": "audit", "format": "csv"} | wrong)
        assert b"needs your attention" in page.content, wrong
    assert not Export.objects.exists()
