"""Documents as FHIR R4: a PlanDefinition for a protocol, a Library for anything else.

What a FHIR system can use is in its own element (title, status, codes, recommendations with strength and certainty,
citations); the whole document is attached as the Markdown file an import takes, so that nothing is lost. Only what the
document itself says is written: the same document gives the same resource, whoever exports it and when.
"""

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from knowledge.models import Document, Recommendation, Reference
from knowledge.sources import SourceDocument, SourceRecommendation, SourceReference, markdown

_TERMS = "http://terminology.hl7.org/CodeSystem"
_CORE = "http://hl7.org/fhir/StructureDefinition"
_ICD = "http://hl7.org/fhir/sid/icd-10-cm"
# "Weak" is what FHIR calls GRADE's conditional; it has no code for a statement of good practice.
_STRENGTH_CODES = {Recommendation.Strength.STRONG: "strong", Recommendation.Strength.CONDITIONAL: "weak"}
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_NOT_A_TEXT = re.compile(r"[^\S \r\n\t]")  # FHIR's texts know no other white space
Json = dict[str, Any]


class NotValid(Exception):
    """What would be written is no valid FHIR; the message says where."""


def fhir_json(source: SourceDocument, site: str) -> str:
    """The resource as a file. ``site`` is the address of the network's site. Raises NotValid."""
    made = resource(source, site)
    validate(made)
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def validate(made: Json) -> None:
    """Raise NotValid when ``made`` breaks a rule of R4. Loads the FHIR models, which takes a second the first time."""
    from fhir.resources.R4B.library import Library
    from fhir.resources.R4B.plandefinition import PlanDefinition
    from pydantic import ValidationError

    model = PlanDefinition if made["resourceType"] == "PlanDefinition" else Library
    try:
        model.model_validate(made)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise NotValid(f"{made['title']}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def resource(source: SourceDocument, site: str) -> Json:
    """The resource as FHIR's JSON has it, without what is empty."""
    is_plan = source.kind == Document.Kind.PROTOCOL
    attached = _attached(source)
    artifacts = [*([_documentation(attached)] if is_plan else []), *_related(source)]
    verified = [part.verified_on for part in source.recommendations if part.verified_on]
    made: Json = {
        "resourceType": "PlanDefinition" if is_plan else "Library",
        "id": source.id if _ID.fullmatch(source.id) else sha256(source.id.encode()).hexdigest(),
        "extension": _dates(site, due=source.review_due, retired=source.retired_at),
        "url": f"{site}/documents/{source.id}/",
        "identifier": [{"system": f"{site}/documents/", "value": source.id}],
        "version": source.content_hash[:12],
        "name": _name(source.id),
        "title": _plain(source.title),
        "type": _type(source),
        "status": "retired" if source.retired_at else "active",
        "description": _plain(source.summary),
        "useContext": [_focus(code) for code in source.codes],
        "lastReviewDate": str(max(verified)) if verified else None,
        "topic": [*(_specialty(slug, site) for slug in source.specialties), *map(_text, source.keywords)],
        "relatedArtifact": artifacts,
    }
    if is_plan:
        made["action"] = [_action(part, site) for part in source.recommendations]
    else:
        made["content"] = [attached]
    return {name: value for name, value in made.items() if value}


def _type(source: SourceDocument) -> Json:
    if source.kind == Document.Kind.PROTOCOL:
        return _coded("plan-definition-type", "clinical-protocol", "Protocol")
    label = Document.ToolType(source.tool_type).label if source.tool_type else Document.Kind(source.kind).label
    return _coded("library-type", "asset-collection", label)


def _attached(source: SourceDocument) -> Json:
    content = markdown(source).encode()
    return {
        "contentType": "text/markdown; charset=utf-8",
        "data": base64.b64encode(content).decode(),
        "title": f"{source.id}.md",
    }


def _documentation(attached: Json) -> Json:
    return {"type": "documentation", "display": "The whole document", "document": attached}


def _related(source: SourceDocument) -> Iterator[Json]:
    if source.source:
        yield {"type": "derived-from", "display": _plain(source.source)}
    for reference in source.references:
        yield _citation(reference)


def _citation(part: SourceReference) -> Json:
    link = Reference(identifier=part.identifier, url=part.url).link
    said = {"type": "citation", "label": _plain(part.identifier), "citation": _plain(part.citation)}
    if not re.search(r"\s", link):
        said["url"] = link
    return {name: value for name, value in said.items() if value}


def _action(part: SourceRecommendation, site: str) -> Json:
    extensions = []
    if part.strength:
        strength = Recommendation.Strength(part.strength)
        coded = _coded("recommendation-strength", _STRENGTH_CODES.get(strength), strength.label)
        extensions.append({"url": f"{_CORE}/cqf-strengthOfRecommendation", "valueCodeableConcept": coded})
    if part.grade:
        coded = _coded("evidence-quality", part.grade, Recommendation.Grade(part.grade).label)
        extensions.append({"url": f"{_CORE}/cqf-qualityOfEvidence", "valueCodeableConcept": coded})
    extensions += _dates(site, verified=part.verified_on, due=part.due_on)
    if part.verified_by:
        extensions.append({"url": f"{site}/fhir/verified-by", "valueString": _plain(part.verified_by)})
    made = {"id": part.key, "extension": extensions, "description": _plain(part.text)}
    return {name: value for name, value in made.items() if value}


def _dates(site: str, **dates: Any) -> list[Json]:
    """Extensions of our own: R4 has no place for when something falls due."""
    known = {name: value for name, value in dates.items() if value}
    kinds = {"due": "valueDate", "verified": "valueDate", "retired": "valueInstant"}
    return [{"url": f"{site}/fhir/{name}", kinds[name]: value.isoformat()} for name, value in known.items()]


def _specialty(slug: str, site: str) -> Json:
    return {"coding": [{"system": f"{site}/api/v1/specialties/", "code": slug}]}


def _focus(code: str) -> Json:
    return {
        "code": {"system": f"{_TERMS}/usage-context-type", "code": "focus"},
        "valueCodeableConcept": {"coding": [{"system": _ICD, "code": code}]},
    }


def _coded(system: str, code: str | None, label: str) -> Json:
    coding = {"coding": [{"system": f"{_TERMS}/{system}", "code": code}]} if code else {}
    return coding | {"text": label}


def _text(text: str) -> Json:
    return {"text": _plain(text)}


def _plain(text: str) -> str:
    """A text as FHIR takes it; the file that is attached has it to the letter."""
    return _NOT_A_TEXT.sub(" ", text)


def _name(slug: str) -> str:
    """A name for programs: a capital, then letters, digits and underscores."""
    return "".join(part.capitalize() for part in re.split(r"[._-]", f"document-{slug}"))
