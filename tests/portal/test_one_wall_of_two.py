"""The filters of the application and the walls of the database each hold alone: every address is read with one of them
taken away, and no row of another organization may be fetched, nor a word of one shown.

What belongs to whom is worked out from the models' own keys, not from the walls that are on trial.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client

from portal.common import heartbeat, tenancy
from portal.members.models import Organization, Person
from tests.cast import Cast
from tests.portal.test_role_walk import address_of, addresses
from tests.portal.walked_world import walked_world

OURS = ("common", "members", "fees", "knowledge", "consults")
FOREIGN = ("foreign", "foreign-admin")
BY_SECRET = {"invitation", "digest-stop"}
"""Whoever has the link may read what it names, whoever they are."""
SIGNING_IN = {"openid_connect_callback", "saml_finish_acs", "saml_metadata"}
"""Whoever comes back from a provider is nobody yet: these read the provider that the address names."""
BEFORE_THE_WALLS = {"Organization", "Facility", "Person", "Role"}
"""Read before anyone knows whose walls to put up (sign-in), so that the database shows them to all."""
A_PERSONS_OWN = {"ReadingList", "ListEntry", "EducationEntry", "EducationSource", "Feedback"}
"""Of one person, whichever organization they act for: filtered by the person alone."""
WORDS = ("Prairie Health", "Which dose of apixaban")
"""What no page of another organization's person says."""

Rows = dict[type[models.Model], set[Any]]


@cache
def owner_of(model: type[models.Model], depth: int = 4) -> str | None:
    """The shortest path of keys from a row to its organization or person; None for what belongs to nobody."""
    if model in (Organization, Person):
        return "pk"
    keys = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
    for wanted in (Organization, Person):
        for key in keys:
            if key.related_model is wanted and key.name in ("organization", "person"):
                return key.name
    if depth:
        for key in keys:
            whole: type[models.Model] = key.related_model
            if whole not in (model, Person) and not key.null and (path := owner_of(whole, depth - 1)):
                return f"{key.name}__{path}"
    return None


def prairies(cast: Cast) -> Rows:
    """The rows of Prairie and of its people, and of nobody else."""
    theirs = Person.objects.filter(roles__organization=cast.prairie).values("pk")
    found: Rows = {}
    for model in (model for label in OURS for model in apps.get_app_config(label).get_models()):
        path = owner_of(model)
        if path:
            is_persons = model is Person or path.rsplit("__", 1)[-1] == "person"
            owners = theirs if is_persons else [cast.prairie.pk]
            found[model] = set(model._default_manager.filter(**{f"{path}__in": owners}).values_list("pk", flat=True))
    return found


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, rows: Rows) -> Iterator[dict[str, int]]:
    """Count the rows of ``rows`` that become objects, by model."""
    seen: dict[str, int] = defaultdict(int)
    known = models.Model.__dict__["from_db"].__func__

    def from_db(cls: type[models.Model], using: str, names: Any, values: Any) -> models.Model:
        row: models.Model = known(cls, using, names, values)
        if row.pk in rows.get(cls, ()):
            seen[cls.__name__] += 1
        return row

    with monkeypatch.context() as patch:
        patch.setattr(models.Model, "from_db", classmethod(from_db))
        yield seen


def without_filters(patch: pytest.MonkeyPatch) -> None:
    """Every ``visible_to`` lets everything through."""
    for kind in _querysets():
        patch.setattr(kind, "visible_to", lambda self, *_, **__: self.all())


def _querysets() -> list[type]:
    waiting: list[type] = [models.QuerySet]
    found: list[type] = []
    while waiting:
        waiting += (kind := waiting.pop()).__subclasses__()
        if "visible_to" in kind.__dict__:
            found.append(kind)
    return found


def without_walls(patch: pytest.MonkeyPatch) -> None:
    """The database shows everything to everyone."""
    patch.setattr(tenancy, "only", lambda _: tenancy.everything())
    patch.setattr(tenancy, "narrow", lambda _: None)
    with tenancy.everything():
        tenancy.open_session_scope()


@pytest.mark.django_db
@pytest.mark.parametrize("taken", [without_filters, without_walls])
def test_each_of_the_two_holds_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch, taken: Any) -> None:
    world = walked_world(cast)
    rows = prairies(cast)
    assert sum(map(bool, rows.values())) > 45, "the world holds rows of most kinds"
    taken(monkeypatch)
    if taken is without_filters:
        unwalled = BEFORE_THE_WALLS | A_PERSONS_OWN
        assert unwalled == unwalled & {model.__name__ for model in rows}
        rows = {model: keys for model, keys in rows.items() if model.__name__ not in unwalled}
    found = [line for role in FOREIGN for line in _read(world, role, rows, monkeypatch)]
    assert not found, "\n".join(found)


def _read(world: SimpleNamespace, role: str, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    words = WORDS if Organization in rows else WORDS[1:]
    person, client = world.people[role], Client()
    client.force_login(person)
    for name, route in addresses():
        heartbeat.beat("sweep")
        path = address_of(world, name, route)
        headers = {"Authorization": f"Token {person.email}"} if path.startswith("/api/") else {}
        with watched(monkeypatch, rows) as seen, transaction.atomic():
            response: Any = client.get(path, headers=headers)
            body = response.getvalue() if response.streaming else response.content
            transaction.set_rollback(True)
        if name in BY_SECRET | SIGNING_IN:
            continue
        if seen:
            yield f"{role} {name} {path} ({response.status_code}) fetched {dict(seen)}"
        yield from (f"{role} {name} {path} says {word!r}" for word in words if word.encode() in body)
