"""What every operation may answer beside its own answers, put into the OpenAPI description in one place."""

from http import HTTPStatus
from typing import Any

PROBLEM = "application/problem+json"
SHAPE = {
    "type": "object",
    "description": "What went wrong (RFC 9457); `errors` names each field that needs attention.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemField"}},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": {},
}
FIELD = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
    "required": ["field", "detail"],
}
ANYWHERE = (400, 406, 429, 503)
"""An address that cannot be read, an Accept header nothing meets, too many requests, a database that is away."""


def common_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to each operation the refusals that come from below its view, and give every refusal one shape."""
    result["components"]["schemas"] |= {"Problem": SHAPE, "ProblemField": FIELD}
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            operation["responses"].setdefault("414", {"description": "URI Too Long, in the web server's own words"})
            for status in _refusals(path, method, operation):
                operation["responses"].setdefault(
                    str(status), {"content": {PROBLEM: {}}, "description": HTTPStatus(status).phrase}
                )
            for response in operation["responses"].values():
                if PROBLEM in response.get("content", {}):
                    response["content"][PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    found = [*ANYWHERE]
    if operation.get("security"):
        found += [401, 403]
    if "{" in path:
        found += [404]
    if method != "get":
        # Any service may find that the present state does not allow it.
        found += [409]
    if "requestBody" in operation:
        found += [413, 415]
    return found
