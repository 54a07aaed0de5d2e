"""An identity provider that is not ours, running beside the tests: OpenID Connect and SAML 2.0, from PyPI."""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import yaml
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.programs import Program, child_environment, free_port, wait_for

CLIENT, SECRET = "consilium", "salt-meadow-lighthouse-19"
PEOPLE = {
    "new": "new.physician@prairie.example",
    "known": "clinician@prairie.example",
    "careful": "clinician@prairie.example",
    "chief": "admin@prairie.example",
    "neighbour": "clinician@lakeside.example",
    "staff": "network-admin@network.example",
    "stranger": "someone@elsewhere.example",
}
"""Who may sign in at the provider, and the address it asserts of them. The password is the name."""
CODED = {"careful": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}
"""Who is asked for a code of an app there, too, and its secret."""

HIDDEN = r'<input type="hidden" name="([^"]+)" value="([^"]*)"'


@dataclass
class Provider:
    """A running provider at an address of its own."""

    url: str
    program: Program

    def answer(self, begin: str, who: str) -> requests.Response:
        """What a browser gets that begins at the address and signs in as ``who``, before it leaves the provider."""
        with requests.Session() as browser:
            page = browser.get(begin, timeout=10)
            fields = dict(re.findall(HIDDEN, page.text))
            target = re.search(r'<form[^>]*method="POST"[^>]*action="([^"]+)"', page.text)
            where = urljoin(page.url, target[1].replace("&amp;", "&")) if target else page.url
            typed = {"username": who, "password": who}
            answer = browser.post(where, fields | typed, timeout=10, allow_redirects=False)
            if "totp_code" in answer.text:
                fields = dict(re.findall(HIDDEN, answer.text))
                code = format_hotp_value(hotp_value(CODED[who], int(time.time()) // 30))
                answer = browser.post(where, fields | {"totp_code": code}, timeout=10, allow_redirects=False)
            while answer.is_redirect and answer.headers["Location"].startswith(("/", self.url)):
                answer = browser.get(urljoin(self.url, answer.headers["Location"]), timeout=10, allow_redirects=False)
            return answer

    def code_for(self, begin: str, who: str) -> str:
        """The path and query of ours that the provider sends the browser back to."""
        back = urlsplit(self.answer(begin, who).headers["Location"])
        return f"{back.path}?{back.query}"


def _settings(url: str, port: int) -> dict[str, object]:
    return {
        "config_version": 1,
        "server": {"host": "127.0.0.1", "port": port},
        "oauth": {
            "issuer": url,
            "audience": CLIENT,
            "token_expiry_minutes": 5,
            "clients": [{"client_id": CLIENT, "client_secret": SECRET, "description": "Consilium"}],
        },
        "login": {"totp": True},
        "saml": {"default_acs_url": "http://127.0.0.1:9/none"},
    }


@contextmanager
def running_provider(folder: Path, people: dict[str, str]) -> Iterator[Provider]:
    """A provider that knows these people, until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    users = {
        name: {"password": name, "email": email, "roles": ["USER"], "tenant": "default"}
        | ({"totp_secret": CODED[name]} if name in CODED else {})
        for name, email in people.items()
    }
    (folder / "settings.yaml").write_text(yaml.safe_dump(_settings(url, port)))
    (folder / "users.yaml").write_text(yaml.safe_dump({"config_version": 1, "users": users}))
    command = [str(Path(sys.executable).parent / "nanoidp"), "--config", str(folder)]
    program = Program(command, child_environment(), folder / "log")
    try:
        wait_for(lambda: _answers(url) or program.process.poll() is not None, "the identity provider")
        assert program.process.poll() is None, program.log()
        yield Provider(url, program)
    finally:
        program.stop()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/.well-known/openid-configuration", timeout=1).ok
    except requests.RequestException:
        return False
