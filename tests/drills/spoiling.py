"""What no description allows and a client may send all the same: odd values, broken bodies, other types, no token."""

import json
import random
from typing import Any

ODD: tuple[Any, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\u202e\ufeff\u2028",
    "x" * 30_000,
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "24:00",
    -1,
    0,
    2**31,
    2**63,
    10**40,
    10**400,
    1e308,
    float("inf"),
    True,
    None,
    [],
    {},
    [None],
    [[]],
    {"a": {}},
)
BROKEN = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"9" * 5000,
    b'{"text": "\\ud800"}',
    b'{"\\u0000": 1}',
    b'{"\\ud800": 1}',
    b'{"text": 1e999, "value": -1e999}',
    b'{"text": NaN}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"text": "\xff"}',
)
TYPES = ("text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "no type", "")
STRANGE = ("Token", "Token x y", "Token \xe9", "Bearer x", "Token " + "x" * 500)
WRITES = ("POST", "PUT", "PATCH")
Wire = dict[str, Any]


def spoil(wire: Wire, dice: random.Random) -> str:
    """Change a request about to be sent, in a fifth of all cases; says how."""
    kind = dice.choices(("nothing", "odd", "broken", "type", "stranger"), (80, 13, 3, 2, 2))[0]
    return kind if kind == "nothing" or CHANGES[kind](wire, dice) else "nothing"


def _odd(wire: Wire, dice: random.Random) -> bool:
    """One value of the body, or of the query."""
    body, query = wire.get("json"), wire.get("params")
    if isinstance(body, dict) and body:
        odd = body | {dice.choice(list(body)): dice.choice(ODD)}
        _raw(wire, json.dumps(odd, default=str).replace("Infinity", "1e999").encode())
        return True
    if isinstance(query, dict) and query:
        text = str(dice.choice([odd for odd in ODD if not isinstance(odd, list | dict)]))
        wire["params"] = query | {dice.choice(list(query)): text.encode(errors="surrogatepass")[:400]}
        return True
    return False


def _broken(wire: Wire, dice: random.Random) -> bool:
    if wire["method"] not in WRITES or "files" in wire:
        return False
    _raw(wire, dice.choice(BROKEN))
    return True


def _type(wire: Wire, dice: random.Random) -> bool:
    if wire["method"] not in WRITES or "files" in wire:
        return False
    _raw(wire, b"a=b")
    wire["headers"]["Content-Type"] = dice.choice(TYPES)
    return True


def _stranger(wire: Wire, dice: random.Random) -> bool:
    """Without a token, or with one that nobody has."""
    wire["headers"].pop("Authorization", None)
    if dice.random() < 0.5:
        wire["headers"]["Authorization"] = dice.choice(
            ("Token", "Token x y", "Token \xe9", "Bearer x", "Token " + "x" * 500)
        )
    return True


def _raw(wire: Wire, content: bytes) -> None:
    wire.pop("json", None)
    wire["data"] = content
    wire["headers"].setdefault("Content-Type", "application/json")


CHANGES = {"odd": _odd, "broken": _broken, "type": _type, "stranger": _stranger}
