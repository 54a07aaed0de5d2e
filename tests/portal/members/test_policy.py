"""Who may do what, as values."""

from dataclasses import fields, replace
from typing import Any

import pytest

from portal.members.policy import Action, Actor, can, can_deactivate, can_give

NOBODY = Actor(1)
CLINICIAN = Actor(2, clinician_in=frozenset({10}))
ADMINISTRATOR = Actor(3, administrator_of=frozenset({10}))
LOCAL_EDITOR = Actor(9, local_editor_of=frozenset({10}))
OF_TWO = Actor(4, administrator_of=frozenset({10, 11}))
SPECIALIST = Actor(5, specialist_in=frozenset({20}))
EDITOR = Actor(6, is_editor=True)
NETWORK = Actor(7, is_network_administrator=True)
AUDITOR = Actor(8, is_auditor=True)
EVERYONE = (NOBODY, CLINICIAN, LOCAL_EDITOR, ADMINISTRATOR, OF_TWO, SPECIALIST, EDITOR, NETWORK, AUDITOR)


@pytest.mark.parametrize(
    ("action", "place", "allowed"),
    [
        (Action.SEE_ORGANIZATIONS, None, {ADMINISTRATOR, OF_TWO, NETWORK}),
        (Action.MANAGE_ORGANIZATION, 10, {NETWORK}),
        (Action.MANAGE_PEOPLE, 10, {ADMINISTRATOR, OF_TWO, NETWORK}),
        (Action.MANAGE_PEOPLE, 11, {OF_TWO, NETWORK}),
        (Action.MANAGE_PEOPLE, None, {NETWORK}),
        (Action.MANAGE_NETWORK_STAFF, None, {NETWORK}),
        (Action.EDIT_DOCUMENTS, None, {EDITOR}),
        (Action.READ_AUDIT, None, {ADMINISTRATOR, OF_TWO, AUDITOR}),
        (Action.ANNOTATE, None, {LOCAL_EDITOR, ADMINISTRATOR, OF_TWO}),
        (Action.ANNOTATE, 10, {LOCAL_EDITOR, ADMINISTRATOR, OF_TWO}),
        (Action.ANNOTATE, 11, {OF_TWO}),
    ],
)
def test_each_action_is_for_these_and_nobody_else(action: Action, place: int | None, allowed: set[Actor]) -> None:
    assert {actor for actor in EVERYONE if can(actor, action, place)} == allowed


@pytest.mark.parametrize("role", ["clinician", "organization-administrator", "local-editor"])
def test_an_organizations_roles_are_given_by_its_administrators(role: str) -> None:
    assert {actor for actor in EVERYONE if can_give(actor, role, 10)} == {ADMINISTRATOR, OF_TWO, NETWORK}
    assert {actor for actor in EVERYONE if can_give(actor, role, 11)} == {OF_TWO, NETWORK}


@pytest.mark.parametrize(
    "role", ["specialist", "section-lead", "editor", "network-administrator", "auditor", "unheard of"]
)
def test_network_roles_are_given_by_network_administrators_alone(role: str) -> None:
    for place in (None, 10):
        assert {actor for actor in EVERYONE if can_give(actor, role, place)} == {NETWORK}


def test_nobody_deactivates_themselves() -> None:
    for actor in EVERYONE:
        assert not can_deactivate(actor, actor)


def test_an_administrator_reaches_only_people_wholly_their_own() -> None:
    elsewhere = Actor(9, clinician_in=frozenset({10, 12}))
    both = Actor(9, clinician_in=frozenset({10}), is_editor=True)
    assert can_deactivate(ADMINISTRATOR, CLINICIAN)
    assert not can_deactivate(ADMINISTRATOR, elsewhere)
    assert not can_deactivate(ADMINISTRATOR, both)
    assert not can_deactivate(ADMINISTRATOR, NETWORK)
    assert not can_deactivate(ADMINISTRATOR, NOBODY)
    assert all(can_deactivate(NETWORK, other) for other in (elsewhere, both, CLINICIAN, AUDITOR, NOBODY))


@pytest.mark.parametrize("actor", [NOBODY, CLINICIAN, SPECIALIST, EDITOR, AUDITOR])
def test_others_deactivate_nobody(actor: Actor) -> None:
    assert not any(can_deactivate(actor, other) for other in EVERYONE)


def test_kinds_tell_any_two_readers_apart_whose_roles_differ() -> None:
    """Links of a page are kept under it, so a role that is left out would show one reader the links of another."""
    told = {"person_id", "houses", "acting_for"}
    roles = [field for field in fields(Actor) if field.name not in told]
    held: list[dict[str, Any]] = [
        {role.name: frozenset({7}) if role.default == frozenset() else True} for role in roles
    ]
    seen = {replace(NOBODY, **one).kinds for one in ({}, *held)}
    assert len(seen) == len(roles) + 1
