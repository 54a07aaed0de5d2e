"""What an organization asks of its people's way in: from where, with what proof, for how long. Pure rules."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

NOBODY, ADMINISTRATORS, EVERYBODY = "", "administrators", "everybody"
LEAST_IDLE_MINUTES = 5
MOST_NETWORKS = 50
WIDEST = {4: 8, 6: 16}
"""The shortest prefix taken: a wider one would be a list that lets everybody in."""


@dataclass(frozen=True)
class House:
    """An organization as its people's requests need it. Empty and None mean the network's own rule."""

    pk: int
    name: str = ""
    slug: str = ""
    networks: tuple[str, ...] = ()
    """From where its people may come, as CIDR; empty is from everywhere."""
    second_factor_required: bool = False
    """The network asks it of all of this organization's people, whatever the organization says."""
    second_factor_for: str = NOBODY
    second_factor_from: date | None = None
    idle_minutes: int | None = None
    session_hours: int | None = None


COLUMNS = (
    "organization_id",
    "organization__name",
    "organization__slug",
    "organization__allowed_networks",
    "organization__second_factor_required",
    "organization__second_factor_for",
    "organization__second_factor_from",
    "organization__session_idle_minutes",
    "organization__session_hours",
)


def house_of_row(row: tuple[Any, ...]) -> House:
    """A row of ``COLUMNS``, whose day may be written out, as JSON writes it."""
    pk, name, slug, networks, required, asked_of, day, idle, hours = row
    since = date.fromisoformat(day) if isinstance(day, str) else day
    return House(pk, name, slug, tuple(networks or ()), required, asked_of, since, idle, hours)


def network_of(text: str) -> str:
    """The network as it is kept, such as 192.0.2.0/24. Raises ValueError with what to do about it."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(
            f"“{text.strip()}” is no address or network. Write it as 192.0.2.0/24 or 2001:db8::/32."
        ) from None
    if found.prefixlen < WIDEST[found.version]:
        raise ValueError(f"“{text.strip()}” is too wide: use a prefix of at least /{WIDEST[found.version]}.")
    return str(found)


def contains(networks: Iterable[str], address: str | None) -> bool:
    """Whether the address is in one of the networks. An unknown address is in none."""
    if address is None:
        return False
    given = ipaddress.ip_address(address)
    if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped:
        given = given.ipv4_mapped
    return any(given in ipaddress.ip_network(network) for network in networks)


def shut(houses: Iterable[House], address: str | None) -> list[House]:
    """The organizations that do not let their people in from this address."""
    return [house for house in houses if house.networks and not contains(house.networks, address)]


def lengths(houses: Iterable[House], *, idle_seconds: int, absolute_seconds: int) -> tuple[int, int]:
    """How long a session of somebody in these organizations may rest and last, in seconds: the shortest of all."""
    rows = list(houses)
    idle = [house.idle_minutes * 60 for house in rows if house.idle_minutes]
    absolute = [house.session_hours * 3600 for house in rows if house.session_hours]
    return min([idle_seconds, *idle]), min([absolute_seconds, *absolute])


def asks_second_factor(houses: Iterable[House], *, administrator_of: Iterable[int], today: date) -> bool:
    """Whether one of the organizations asks this person for a second step today."""
    administered = set(administrator_of)

    def asks(house: House) -> bool:
        if house.second_factor_from and house.second_factor_from > today:
            return False
        for_all, mine = house.second_factor_for == EVERYBODY, house.pk in administered
        return for_all or (house.second_factor_for == ADMINISTRATORS and mine)

    return any(house.second_factor_required or asks(house) for house in houses)
