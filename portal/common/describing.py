"""The OpenAPI description: served, and what every operation may answer beside its own answers put in in one place."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

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
        # Any service may find that the present state does not allow it; and a body may come where none is asked for.
        found += [409, 413, 415]
    return found


class Description(SpectacularAPIView):
    """The description, which is the same for everyone and as long as the process lives: putting it together takes
    seconds, and anybody may ask for it."""

    _kept: ClassVar[dict[str, str | bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *_: Any, **__: Any) -> HttpResponse:
        """As YAML, or as JSON where that is asked for."""
        renderer = request.accepted_renderer
        if renderer.media_type not in self._kept:
            generator: Any = self.generator_class()
            described = generator.get_schema(request=None, public=True)
            self._kept[renderer.media_type] = renderer.render(described, renderer.media_type, {})
        name = f"inline; filename=Consilium.{renderer.format}"
        return HttpResponse(
            self._kept[renderer.media_type],
            content_type=f"{renderer.media_type}; charset=utf-8",
            headers={"Content-Disposition": name},
        )
