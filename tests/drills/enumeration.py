"""Ask sign-in, password reset, joining and applying about known and unknown addresses: no answer tells them apart.

    .venv/bin/python tests/drills/enumeration.py --samples 2000

serves a site of its own, prints one line, and ends with status 1 where status, body or time differ. Below 1500 samples
the times are printed and not judged.
"""

import argparse
import bisect
import random
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import ground  # noqa: E402 - the path comes first
from tests.drills.serving import Browser, Served, served  # noqa: E402

AUC_LIMIT = 0.55
JUDGED_FROM = 1500
"""Samples: with fewer, chance alone goes past the limit now and then."""
MASK = re.compile(r"[A-Za-z0-9]{64}")
KNOWN = """
from allauth.account.models import EmailAddress
from django.utils import timezone
from portal.common import tenancy
from portal.members.models import Person, Role
from portal.members.models_domains import OrganizationDomain
with tenancy.everything():
    one = Person.objects.get(email="{like}")
    place = one.roles.get(organization__isnull=False).organization
    domains = OrganizationDomain.objects.filter(domain="prairie.example")
    if not domains.update(confirmed_at=timezone.now()):
        OrganizationDomain.objects.create(organization=place, domain="prairie.example", confirmed_at=timezone.now())
    people = Person.objects.bulk_create(
        Person(email=f"{{n:06}}a@prairie.example", name="One of many", password=one.password) for n in range({number})
    )
    EmailAddress.objects.bulk_create(EmailAddress(user=p, email=p.email, verified=True, primary=True) for p in people)
    Role.objects.bulk_create(Role(person=p, name="clinician", organization=place) for p in people)
"""
Address = Callable[[int], str]


class Door(NamedTuple):
    """A page that anyone may post an address to, and two kinds of address that it must not tell apart."""

    name: str
    path: str
    field: str
    known: Address
    unknown: Address
    more: dict[str, str]
    counts: str
    """What the counts of attempts at it are named by."""


def member(number: int) -> str:
    return f"{number:06}a@prairie.example"


def stranger(number: int) -> str:
    return f"{number:06}b@prairie.example"


def outsider(number: int) -> str:
    return f"{number:06}b@another.example"


APPLIED = {
    "name": "Riverside Clinics",
    "kind": "hospital",
    "street": "1 Main Street",
    "city": "Fargo",
    "region": "ND",
    "postal_code": "58102",
    "clinicians": "12",
    "contact_name": "Pat Doe",
    "hopes": "Answers in writing.",
}
DOORS = (
    Door("sign_in", "/accounts/login/", "login", member, stranger, {"password": "harbor-violet-93"}, "login"),
    Door("reset", "/accounts/password/reset/", "email", member, stranger, {}, "reset_password"),
    Door("join", "/join/", "email", member, stranger, {"name": "Pat Doe"}, "ask_to_join"),
    Door(
        "join_domain", "/join/", "email", lambda n: stranger(n + 500_000), outsider, {"name": "Pat Doe"}, "ask_to_join"
    ),
    Door("apply", "/apply/", "contact_email", member, stranger, APPLIED, "apply"),
)


class Heard(NamedTuple):
    """An answer, as far as an outsider can tell it from another."""

    status: int
    leads: str
    body: str
    seconds: float


class Asker:
    """Somebody at a door who keeps the connection open and takes the time of each answer."""

    def __init__(self, site: Served, door: Door) -> None:
        self._site, self._door = site, door
        self._browser = Browser(site)
        self._fields = {"csrfmiddlewaretoken": self._browser.token(door.path), **door.more}
        self._owner = site.connect()

    def ask(self, email: str) -> Heard:
        # As if the time of the door's limits were over.
        self._owner.execute("DELETE FROM common_cache WHERE cache_key LIKE %s", [f"%:{self._door.counts}%"])
        fields, session = self._fields | {self._door.field: email}, self._browser.session
        # The page leads on; what it leads to is the same session's.
        begun = time.perf_counter()
        answer = session.post(self._site.url + self._door.path, data=fields, allow_redirects=False, timeout=60)
        seconds = time.perf_counter() - begun
        body, leads = answer.text, answer.headers.get("Location", "")
        if leads:
            body += self._browser.get(leads).text
        return Heard(answer.status_code, leads, MASK.sub("", body.replace(email, "")), seconds)

    def close(self) -> None:
        self._owner.close()


def auc(ones: list[float], others: list[float]) -> float:
    """How often a value of one kind lies above one of the other: 0.5 where nothing tells them apart (Mann-Whitney)."""
    ordered = sorted(others)
    above = sum((bisect.bisect_left(ordered, one) + bisect.bisect_right(ordered, one)) / 2 for one in ones)
    share = above / (len(ones) * len(others))
    return max(share, 1 - share)


def at(door: Door, site: Served, samples: int, dice: random.Random) -> tuple[int, float, float, str]:
    """Both kinds in turn, each pair in random order: differing pairs, AUC, how far medians lie apart, an example."""
    asker = Asker(site, door)
    heard: dict[bool, list[Heard]] = {True: [], False: []}
    for one in range(-3, samples // 2):
        for is_known in dice.sample([True, False], 2):
            # The first few warm up both.
            answer = asker.ask((door.known if is_known else door.unknown)(max(one, 0)))
            if one >= 0:
                heard[is_known].append(answer)
    asker.close()
    differing, example = 0, ""
    for known, unknown in zip(heard[True], heard[False], strict=True):
        if known[:3] != unknown[:3]:
            differing, example = differing + 1, f"{door.name}: {known}\n{unknown}"
    times = {kind: sorted(answer.seconds for answer in answers) for kind, answers in heard.items()}
    middle = len(times[True]) // 2
    return differing, auc(times[True], times[False]), times[True][middle] - times[False][middle], example


def run(samples: int, seed: int) -> int:
    begun, dice = time.monotonic(), random.Random(seed)
    differing, told, worst, examples = 0, [], 0.0, []
    with served() as site:
        site.shell(KNOWN.format(like=ground.ASKS, number=samples // 2 + 1))
        # The first is at work all the time; the others wait for most of it.
        results = [at(DOORS[0], site, samples, dice)]
        with ThreadPoolExecutor(len(DOORS)) as pool:
            results += pool.map(lambda door: at(door, site, samples, dice), DOORS[1:])
        for door, (bodies, share, apart, example) in zip(DOORS, results, strict=True):
            differing, worst = differing + bodies, max(worst, share)
            told.append(f"{door.name}=(differing={bodies} auc={share:.3f} apart={apart * 1000:+.1f}ms)")
            examples += [example] if example else []
    judged = samples >= JUDGED_FROM
    print(
        f"samples={samples} doors={len(DOORS)} differing={differing} worst_auc={worst:.3f} judged={judged}",
        *told,
        f"seconds={time.monotonic() - begun:.0f}",
    )
    print(*examples, sep="\n", file=sys.stderr)
    return int(differing > 0 or (judged and worst > AUC_LIMIT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000, help="at each door, half of them known")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    sys.exit(run(given.samples, given.seed))


if __name__ == "__main__":
    main()
