"""Where people's texts come onto pages: each place takes so many texts and says which pages show them, to whom."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import requests

from tests.drills import ground
from tests.drills.asking import SPECIALTY
from tests.drills.serving import TIMEOUT, Browser, Served

ADMIN, EDITS, NETWORK = "admin@prairie.example", "editor@network.example", "network-admin@network.example"
ROLES = (ground.ASKS, ground.ANSWERS, ADMIN, EDITS, NETWORK)

TOKENS = """
from portal.members.models import Person
from portal.members.services.tokens import create_token
for who in {roles}:
    print(create_token(by="manage.py token", person=Person.objects.get(email=who), name="drill", lifetime=None)[1])
"""


class Shown(NamedTuple):
    """A page, and who opens it."""

    who: str
    path: str


class Place(NamedTuple):
    name: str
    takes: int
    plant: Callable[[list[str]], list[Shown]]


class Gardener:
    """Plants texts through the site's own doors, or past them where only the network's own people could type them."""

    def __init__(self, site: Served) -> None:
        self._site = site
        self._rest = {who: requests.Session() for who in ROLES}
        tokens = site.shell(TOKENS.format(roles=ROLES)).split()[-len(ROLES) :]
        for session, token in zip(self._rest.values(), tokens, strict=True):
            session.headers["Authorization"] = f"Token {token}"
        self._stranger = Browser(site)
        self.refused = 0

    def places(self) -> Iterator[Place]:
        yield Place("question", 9, self._question)
        yield Place("draft", 10, self._draft)
        yield Place("note", 4, self._note)
        yield Place("names", 4, self._names)
        yield Place("application", 5, self._application)
        yield Place("search", 1, self._search)

    def _call(self, method: str, who: str, path: str, body: dict[str, Any]) -> Any:
        answer = self._rest[who].request(method, f"{self._site.url}/api/v1/{path}", json=body, timeout=TIMEOUT)
        assert answer.status_code < 500, f"{path}: {answer.status_code}\n{body}"
        if not answer.ok:
            self.refused += 1
            return None
        return answer.json() if answer.content else {}

    def _question(self, texts: list[str]) -> list[Shown]:
        """A question in all its fields, and what is said in its thread."""
        names = ("question", "summary", "tried", "results", "medicines")
        fields = dict(zip(names, texts, strict=False)) | {"question": texts[0][:300]}
        row = self._call(
            "POST", ground.ASKS, "consults/", {"specialty": SPECIALTY, "reason": "dosing", "attested": True} | fields
        )
        if row is None:
            return []
        at = f"consults/{row['number']}/"
        self._call("POST", ground.ANSWERS, f"{at}claim/", {})
        for who, act, text in zip(
            (ground.ANSWERS, ground.ASKS, ground.ANSWERS), ("ask", "reply", "answer"), texts[5:8], strict=True
        ):
            self._call("POST", who, f"{at}{act}/", {"text": text})
        return [Shown(ground.ASKS, f"/{at}"), Shown(ground.ANSWERS, f"/{at}"), Shown(ground.ASKS, "/consults/")]

    def _draft(self, texts: list[str]) -> list[Shown]:
        """A document's draft: the page that writes it, and the page it will be."""
        slug = f"drill-{uuid.uuid4().hex[:12]}"
        self._call("POST", EDITS, "documents/", {"id": slug, "title": texts[0][:300], "kind": "topic"})
        draft = self._call("GET", EDITS, f"documents/{slug}/draft/", {})
        if draft is None:
            return []
        content = {
            "edition": draft["edition"],
            "title": texts[0][:300],
            "summary": texts[1],
            "body": "\n\n".join(texts[2:6]),
            "source": texts[6],
            "recommendations": [{"text": texts[7], "strength": "strong", "grade": "high", "evidence": texts[8]}],
            "references": [{"citation": texts[9], "year": "2026", "url": texts[9][:200]}],
        }
        self._call("PUT", EDITS, f"documents/{slug}/draft/", content)
        return [Shown(EDITS, f"/documents/{slug}/edit/"), Shown(EDITS, f"/documents/{slug}/revisions/1/")]

    def _note(self, texts: list[str]) -> list[Shown]:
        """Notes of an organization beside the network's text."""
        slug = "status-epilepticus"
        for row in self._call("GET", ADMIN, f"documents/{slug}/overlays/", {}):
            self._rest[ADMIN].delete(
                f"{self._site.url}/api/v1/documents/{slug}/overlays/{row['note']['id']}/", timeout=TIMEOUT
            )
        number = self._call("GET", ADMIN, f"documents/{slug}/", {})["revision"]
        for passage, text in enumerate(texts, start=1):
            body = {"revision": number, "passage": passage, "text": text}
            self._call("POST", ADMIN, f"documents/{slug}/overlays/", body)
        return [Shown(ground.ASKS, f"/documents/{slug}/"), Shown(ADMIN, "/local-notes/")]

    def _names(self, texts: list[str]) -> list[Shown]:
        """Names that no form would take: written past all of them."""
        row = self._site.run("SELECT id, slug FROM members_organization WHERE slug LIKE 'prairie%' LIMIT 1")[0]
        person = self._site.run("SELECT id FROM members_person WHERE email = %s", ground.ASKS)[0]
        set_name = "UPDATE members_{} SET name = %s WHERE {} = %s"
        self._site.run(set_name.format("organization", "id"), texts[0][:120], row.id)
        self._site.run(set_name.format("person", "id"), texts[1][:120], person.id)
        self._site.run(
            set_name.format("facility", "organization_id").replace("name = %s", "name = left(%s, 100) || id"),
            texts[2],
            row.id,
        )
        self._site.run(set_name.format("specialty", "slug"), texts[3][:80], SPECIALTY)
        return [
            Shown(ground.ASKS, "/"),
            Shown(ADMIN, f"/organizations/{row.slug}/people/"),
            Shown(NETWORK, f"/organizations/{row.slug}/"),
            Shown(ground.ANSWERS, "/consults/"),
        ]

    def _application(self, texts: list[str]) -> list[Shown]:
        """What a stranger writes, and the network's administrator reads."""
        self._site.run("DELETE FROM common_cache")
        email = f"{uuid.uuid4().hex[:12]}@applicant.example"
        fields = {"kind": "hospital", "region": "ND", "postal_code": "58102", "clinicians": "12"}
        lengths = {"name": 120, "street": 120, "city": 80, "contact_name": 120, "hopes": 4000}
        fields |= {name: text[:length] for (name, length), text in zip(lengths.items(), texts, strict=True)}
        answer = self._stranger.post("/apply/", fields | {"contact_email": email})
        self.refused += answer.status_code != 302
        rows = self._site.run(
            "UPDATE members_application SET state = 'waiting', confirmed_at = now() WHERE contact_email = %s"
            " RETURNING id",
            email,
        )
        return [Shown(NETWORK, f"/network/applications/{row.id}/") for row in rows] + [
            Shown(NETWORK, "/network/applications/")
        ]

    def _search(self, texts: list[str]) -> list[Shown]:
        """What an address says comes back in the page."""
        words = quote(texts[0][:1500])
        return [Shown(ground.ASKS, f"/search/?q={words}"), Shown(ground.ASKS, f"/nothing/{words.replace('/', '')}/")]
