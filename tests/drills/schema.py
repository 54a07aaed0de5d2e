"""Send what the description of the REST interface allows, and what it does not, to every operation as three people.

    .venv/bin/python tests/drills/schema.py --cases 50000

serves a site of its own, prints each distinct fault and one line, and ends with status 1 where an answer is a server's
error or differs from the description.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import requests
import schemathesis

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import generated, ground  # noqa: E402 - the path comes first
from tests.drills.generated import Asker, Share, Tally  # noqa: E402
from tests.drills.known import Known  # noqa: E402
from tests.drills.serving import Served, served  # noqa: E402
from tests.environment import ROOT  # noqa: E402

ROLES = {"clinician": ground.ASKS, "specialist": ground.ANSWERS, "administrator": "network-admin@network.example"}
METHODS = ("get", "post", "put", "patch", "delete")
TOO_MANY, ACCEPTED = 0.05, 0.05
"""Of all answers: at most so many 429, and of each person's at least so many 2xx, or the run shows nothing."""
BROKEN = re.compile(r"Internal Server Error: (\S+)\n(Traceback.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.DOTALL)


class Plan(NamedTuple):
    """What each process needs."""

    url: str
    database: str
    schema: Path
    tokens: dict[str, str]


class Process:
    """One of several that send cases: it reads the description once."""

    plan: Plan
    known: Known
    description: Any

    @classmethod
    def begin(cls, plan: Plan) -> None:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(plan.schema.parent / "hypothesis")
        cls.plan, cls.known = plan, Known(plan.database, list(ROLES.values()))
        # No file of settings that may lie about, and no generated Authorization: the tokens are real.
        config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
        cls.description = schemathesis.openapi.from_dict(json.loads(plan.schema.read_text()), config=config)

    @classmethod
    def run(cls, of_one: list[Share]) -> dict[str, Tally]:
        """The shares of one operation, by role."""
        cls.known.forget()
        url, tokens = cls.plan.url, cls.plan.tokens
        askers = {share: Asker(url, tokens[share.role], cls.known, share) for share in of_one}
        return {share.role: generated.run(cls.description, share, asker) for share, asker in askers.items()}


def shares(schema: dict[str, Any], cases: int, dice: random.Random) -> list[list[Share]]:
    """The cases dealt out among all operations and roles, at least one to each; operations in random order."""
    labels = [f"{method.upper()} {path}" for path, of in schema["paths"].items() for method in METHODS if method in of]
    dice.shuffle(labels)
    number = len(labels) * len(ROLES)
    each, more = divmod(max(cases, number), number)
    left = iter(range(number))
    return [
        [Share(label, role, each + (next(left) < more), dice.randrange(2**32)) for role in ROLES] for label in labels
    ]


def planned(site: Served) -> tuple[Plan, dict[str, Any]]:
    """The description as the site itself gives it, and somebody's token for each role."""
    answer = requests.get(f"{site.url}/api/schema/", headers={"Accept": "application/json"}, timeout=300)
    answer.raise_for_status()
    path = site.state / "schema.json"
    path.write_text(answer.text)
    tokens = {role: token(site, email) for role, email in ROLES.items()}
    return Plan(site.url, site.addresses.database_owner_url, path, tokens), answer.json()


def token(site: Served, email: str) -> str:
    """One that is there already, or a new one."""
    made = site.state / f"token-{email}"
    return made.read_text() if made.exists() else ground.manage(site.state, "token", email).strip()


def answered(plan: Plan, dealt: list[list[Share]], at_once: int) -> Iterator[dict[str, Tally]]:
    """What each operation gave, from several processes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, context, Process.begin, (plan,)) as pool:
        for done in as_completed([pool.submit(Process.run, of_one) for of_one in dealt]):
            yield done.result()


def ends(log: str) -> Counter[str]:
    """The last line of each traceback in the log of the web, with the last of our own lines in it."""
    found: Counter[str] = Counter()
    for _, text in BROKEN.findall(log):
        lines = text.strip().splitlines()
        ours = [line.strip() for line in lines if f'"{ROOT}/' in line and "/.venv/" not in line]
        found[f"{lines[-1][:200]} at {ours[-1] if ours else '?'}"] += 1
    return found


def told(tallies: dict[str, Tally], whole: Tally, seconds: float, operations: int) -> bool:
    """Print the faults and the line; whether all limits hold."""
    for fault, number in sorted(whole.faults.items()):
        print(f"{fault.operation} {fault.check} ×{number}: {fault.reason}\n    {whole.examples[fault]}")
    errors = sum(number for status, number in whole.statuses.items() if status >= 500)
    violations = sum(number for fault, number in whole.faults.items() if fault.check != "ServerError")
    kinds = Counter[str]()
    for status, number in whole.statuses.items():
        kinds[f"{status // 100}xx"] += number
    accepted = {role: _share(tally, 200, 299) for role, tally in tallies.items()}
    print(
        f"cases={whole.cases} operations={operations} roles={len(tallies)} server_errors={errors}"
        f" violations={violations} too_many={whole.statuses[429]}"
        f" by_status={{{','.join(f'{kind}:{number}' for kind, number in sorted(kinds.items()))}}}",
        f"accepted=({' '.join(f'{role}={share:.0%}' for role, share in accepted.items())}) seconds={seconds:.0f}",
    )
    few = [role for role, share in accepted.items() if share < ACCEPTED]
    return not (errors or whole.faults or few or _share(whole, 429, 429) > TOO_MANY)


def _share(tally: Tally, first: int, last: int) -> float:
    return sum(number for status, number in tally.statuses.items() if first <= status <= last) / max(tally.cases, 1)


def run(cases: int, seed: int, at_once: int) -> int:
    begun, dice = time.monotonic(), random.Random(seed)
    tallies, whole = {role: Tally() for role in ROLES}, Tally()
    with served(FETCH_PRIVATE_ADDRESSES="no", EVEN_MILLISECONDS="0") as site:
        plan, schema = planned(site)
        dealt = shares(schema, cases, dice)
        for number, found in enumerate(answered(plan, dealt, at_once), 1):
            for role, tally in found.items():
                tallies[role].add(tally)
                whole.add(tally)
            if number % 20 == 0:
                print(f"{whole.cases} cases, {time.monotonic() - begun:.0f} s", file=sys.stderr)
        for line, times in ends(site.log.read_text(errors="replace")).most_common():
            print(f"{times} × {line}")
    held = told(tallies, whole, time.monotonic() - begun, len(dealt))
    return int(not held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000, help="in all, at least one for each operation and role")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--at-once", type=int, default=2 * (os.cpu_count() or 1), help="processes that send cases")
    given = parser.parse_args()
    sys.exit(run(given.cases, given.seed, given.at_once))


if __name__ == "__main__":
    main()
