"""The chain of audit events, as pure rules: what is hashed, with which keys, and whether a link holds.

Each sealed event has a place (``sequence``, from 1, without gaps), the digest of the event before (``previous``) and a
digest of that and of everything it says: an HMAC, so that nobody without the key can work out another one.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Protocol

BEGINNING = "0" * 64
"""What the first event has as the digest before it."""


class Event(Protocol):
    """An audit event, as far as its content is concerned."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    object_type: str
    object_id: str
    organization_id: int | None
    detail: dict[str, object]
    address: str | None
    request_id: str
    for_id: int | None
    for_person: str
    of_organizations: list[int]


FIELDS = (
    "id",
    "actor_id",
    "actor",
    "action",
    "object_type",
    "object_id",
    "organization_id",
    "detail",
    "address",
    "request_id",
    "for_id",
    "for_person",
    "of_organizations",
)
_SAID = attrgetter(*FIELDS)
_ONE_FORM = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def content(event: Event) -> dict[str, object]:
    """All that an event says, as values that JSON has one form for."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"at": at, **dict(zip(FIELDS, _SAID(event), strict=True))}


def digest(event: Event, *, sequence: int, previous: str, key: bytes) -> str:
    """What seals the event at this place of the chain."""
    said = {"sequence": sequence, "previous": previous, **content(event)}
    return _mac(key, "event", _ONE_FORM(said))


def signature(*, sequence: int, digest: str, is_cut: bool, made_at: datetime, key: bytes) -> str:
    """What signs a checkpoint. A note of where the chain stood can never pass for leave to cut it."""
    moment = made_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _mac(key, "cut" if is_cut else "stand", f"{sequence}:{digest}:{moment}")


def keys_from(secrets: Iterable[str]) -> list[bytes]:
    """The keys of the chain; they serve nothing else, even where the secrets do."""
    return [hashlib.sha256(b"consilium audit chain\0" + secret.encode()).digest() for secret in secrets]


def same(expected: str, found: str) -> bool:
    return hmac.compare_digest(expected.encode(), found.encode())


def key_that_fits(
    event: Event, *, sequence: int, previous: str, digest_found: str, keys: Sequence[bytes]
) -> bytes | None:
    """The key that the event was sealed with; None when it fits none of them: the event was changed."""
    for key in keys:
        if same(digest(event, sequence=sequence, previous=previous, key=key), digest_found):
            return key
    return None


def _mac(key: bytes, kind: str, text: str) -> str:
    return hmac.digest(key, f"{kind}\n{text}".encode(), "sha256").hex()
