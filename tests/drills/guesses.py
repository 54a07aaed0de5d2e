"""Guess passwords, second-factor codes and secret links, many at once and with forged headers: the limits hold.

    .venv/bin/python tests/drills/guesses.py --guesses 200

serves a site of its own, prints one line, and ends with status 1 where more is looked at than the limits allow.
"""

import argparse
import base64
import hashlib
import hmac
import random
import re
import string
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import ground  # noqa: E402 - the path comes first
from tests.drills.serving import PASSWORD, TIMEOUT, Browser, Served, served  # noqa: E402

AT_ONCE = 64
PER_ADDRESS, PER_COMPUTER = 5, 10
"""What ACCOUNT_RATE_LIMITS allows: in five minutes, and in one."""
SIGN_IN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
LOOKED = {"looked": ("do not belong together", "Incorrect code"), "limited": ("Too many attempts",)}
SECRETS = """
from portal.common import tenancy
from portal.members.models import Organization, Person
from portal.members.services.invitations import invite
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
with tenancy.everything():
    admin = Person.objects.get(email="admin@prairie.example")
    invite(by=admin, email="guessed@prairie.example", role="clinician",
        organization=Organization.objects.get(name__startswith="Prairie"))
    secret = generate_totp_secret()
    TOTP.activate(Person.objects.get(email="{staff}"), secret)
print(secret)
"""
STAFF = ground.ANSWERS


def code(secret: str, step: int = 0) -> str:
    """What an authenticator app shows, so many half minutes from now (RFC 6238)."""
    counter = int(time.time()) // 30 + step
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def headers(dice: random.Random, port: int) -> dict[str, str]:
    """As if each guess came from another computer and to another host."""
    address = f"198.51.100.{dice.randint(1, 254)}"
    return {
        "X-Forwarded-For": dice.choice([address, f"{address}, 203.0.113.{dice.randint(1, 254)}", "127.0.0.1"]),
        "X-Real-IP": address,
        "X-Client-IP": address,
        "Forwarded": f"for={address}",
        "X-Forwarded-Host": f"{address}:{port}",
        "X-Request-ID": f"{dice.getrandbits(64):016x}",
        "Host": dice.choice([f"127.0.0.1:{port}", f"localhost:{dice.randint(1, 65535)}"]),
    }


def at_once(acts: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """Do all, as many at the same moment as there are threads."""
    start = threading.Barrier(min(AT_ONCE, len(acts)))

    def run(number: int, act: Callable[[], requests.Response]) -> requests.Response:
        if number < start.parties:
            start.wait(30)
        return act()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(len(acts)), acts))


def told(answer: requests.Response) -> str:
    """What an answer shows: a guess that was looked at or not, a way in, or something else, by its status."""
    if answer.status_code == 302:
        return "in"
    if answer.status_code == 429:
        return "limited"
    for name, words in LOOKED.items():
        if any(one in answer.text for one in words):
            return name
    return str(answer.status_code)


class Guesser:
    """Somebody with a browser's form secrets and many computers, or so they say."""

    def __init__(self, site: Served, dice: random.Random) -> None:
        self._site, self._dice = site, dice

    def guess(self, path: str, fields: list[dict[str, str]], browser: Browser | None = None) -> Counter[str]:
        """Post all these at once, each in a connection of its own."""
        browser = browser or Browser(self._site)
        token = browser.token(path)
        cookies = browser.session.cookies.get_dict()

        def one(values: dict[str, str], forged: dict[str, str]) -> Callable[[], requests.Response]:
            data = {"csrfmiddlewaretoken": token, **values}
            more: dict[str, Any] = {"data": data, "cookies": cookies, "headers": forged, "allow_redirects": False}
            return lambda: requests.post(self._site.url + path, timeout=TIMEOUT, **more)

        acts = [one(values, headers(self._dice, self._site.port)) for values in fields]
        return Counter(told(answer) for answer in at_once(acts))

    def spelt(self, email: str) -> str:
        """One address in many spellings."""
        varied = "".join(self._dice.choice([letter.lower(), letter.upper()]) for letter in email)
        return self._dice.choice(["", " "]) + varied + self._dice.choice(["", " "])

    def changed(self, secret: str) -> str:
        """A secret link's secret, nearly right."""
        place = self._dice.randrange(len(secret))
        other = self._dice.choice(
            [letter for letter in string.ascii_letters + string.digits if letter != secret[place]]
        )
        return self._dice.choice([secret[:place] + other + secret[place + 1 :], secret[:-1], secret + other])


def passwords(site: Served, guesser: Guesser, number: int) -> dict[str, object]:
    """One address, many spellings; the right password when the limit is reached; then an address for each guess."""
    before = _refusals(site)
    one = guesser.guess(SIGN_IN, [{"login": guesser.spelt(ground.ASKS), "password": f"no-{n}"} for n in range(number)])
    right = guesser.guess(SIGN_IN, [{"login": ground.ASKS, "password": PASSWORD}] * min(number, 20))
    told = _refusals(site) - before
    site.forget()
    begun = time.monotonic()
    spread = [{"login": f"person{n}@prairie.example", "password": PASSWORD[::-1]} for n in range(number)]
    many = guesser.guess(SIGN_IN, spread)
    minutes = 1 + int((time.monotonic() - begun) / 60)
    site.forget()
    return {
        "one_address": one,
        "right_afterwards": right,
        "audited": told,
        "spread": many,
        "minutes": minutes,
        "ok": one["looked"] <= PER_ADDRESS
        and one["looked"] == told
        and set(one) <= {"looked", "limited"}
        and set(right) == {"limited"}
        and 0 < many["looked"] <= PER_COMPUTER * minutes
        and set(many) <= {"looked", "limited"},
    }


def _refusals(site: Served) -> int:
    row = site.run("SELECT count(*) AS number FROM common_auditevent WHERE action = 'refuse sign-in'")[0]
    return int(row.number)


def codes(site: Served, guesser: Guesser, number: int, secret: str) -> dict[str, object]:
    """Codes of an app, from one session past the password; then the right one, from that and from three others."""
    right = [code(secret, step) for step in range(-2, 8)]
    wrong = [{"code": f"{n:06}"} for n in range(100_000, 100_000 + number) if f"{n:06}" not in right]
    sessions = [_past_the_password(site) for _ in range(4)]
    guessed = guesser.guess(CODE, wrong, sessions[0])
    late = guesser.guess(CODE, [{"code": code(secret, step)} for step in (-1, 0, 1)] * 3, sessions[0])
    site.forget()
    tokens = [(browser, browser.token(CODE)) for browser in sessions[1:]]
    time.sleep(30 - time.time() % 30)  # a code is good for half a minute, of which a slow machine needs all
    now = {"code": code(secret)}

    def post(browser: Browser, token: str) -> Callable[[], requests.Response]:
        data = {"csrfmiddlewaretoken": token, **now}
        return lambda: browser.session.post(site.url + CODE, data=data, allow_redirects=False, timeout=TIMEOUT)

    acts = [post(browser, token) for browser, token in tokens]
    twice = Counter(told(answer) for answer in at_once(acts))
    return {
        "codes": guessed,
        "right_code_afterwards": late,
        "one_code_at_once": twice,
        "ok": 0 < guessed["looked"] <= PER_ADDRESS
        and set(guessed) <= {"looked", "limited"}
        and set(late) == {"limited"}
        and twice["in"] == 1,
    }


def _past_the_password(site: Served) -> Browser:
    browser = Browser(site)
    answer = browser.post(SIGN_IN, {"login": STAFF, "password": PASSWORD})
    assert answer.headers["Location"].startswith(CODE), answer.headers
    return browser


def links(site: Served, guesser: Guesser, number: int) -> dict[str, object]:
    """Links of an invitation and of a new password with secrets that are nearly right."""
    Browser(site).post("/accounts/password/reset/", {"email": "clinician@lakeside.example"})
    opened = tried = real = 0
    for to, before in (("guessed@prairie.example", "/invitations/"), ("clinician@lakeside.example", "/reset/key/")):
        body = site.run('SELECT body FROM common_mail WHERE "to" = %s ORDER BY id', to)[-1].body
        found = re.search(rf"://[^/\s]+(\S*?{before})(\S+)/", body)
        assert found, body
        start, secret = found[1], found[2]
        # The person's number in a link for a new password is no secret.
        fixed, _, secret = secret.partition("-") if "reset" in before else ("", "", secret)
        lead = start + (f"{fixed}-" if fixed else "")
        acts = [_opening(site, f"{lead}{guesser.changed(secret)}/") for _ in range(number)]
        opened += sum(_is_open(answer) for answer in at_once(acts))
        tried += number
        real += _is_open(_opening(site, f"{lead}{secret}/")())
    return {"links": tried, "opened": opened, "real_opened": real, "ok": opened == 0 and real == 2}


def _opening(site: Served, path: str) -> Callable[[], requests.Response]:
    return lambda: requests.Session().get(site.url + path, timeout=TIMEOUT)


def _is_open(answer: requests.Response) -> bool:
    return 'type="password"' in answer.text


def run(number: int, seed: int) -> int:
    begun = time.monotonic()
    with served() as site:
        guesser = Guesser(site, random.Random(seed))
        secret = site.shell(SECRETS.format(staff=STAFF)).split()[-1]
        parts = [
            passwords(site, guesser, number),
            codes(site, guesser, number, secret),
            links(site, guesser, min(number, 100)),
        ]
    figures = {name: value for part in parts for name, value in part.items() if name != "ok"}
    words = (f"{name}={_short(value)}" for name, value in figures.items())
    print(f"guesses={number} at_once={min(AT_ONCE, number)}", *words, f"seconds={time.monotonic() - begun:.0f}")
    return int(not all(part["ok"] for part in parts))


def _short(value: object) -> str:
    if isinstance(value, Counter):
        return "(" + " ".join(f"{name}={count}" for name, count in sorted(value.items())) + ")"
    return str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guesses", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    sys.exit(run(given.guesses, given.seed))


if __name__ == "__main__":
    main()
