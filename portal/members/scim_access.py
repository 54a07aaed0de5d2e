"""How a directory gets to the SCIM addresses: its token, its media type, and errors as RFC 7644 writes them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from pydantic import ValidationError
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from scim2_models import Context, Error, SCIMException

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.common.rest import Json, Throttle
from portal.common.trouble import can_be_missed, later
from portal.members.models import digest
from portal.members.models_sso import ProvisioningToken
from portal.members.scim_shapes import POLICY

USED_EVERY = timedelta(minutes=1)
MEDIA_TYPE = "application/scim+json"
REFUSED = "This token is not known, or was revoked."


class DirectoryToken(BaseAuthentication):
    """``Authorization: Bearer …``. The request then sees the token's organization, and nothing else."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ProvisioningToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        token = _find(words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise exceptions.AuthenticationFailed(REFUSED)
        tenancy.narrow([token.organization_id])
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
            with can_be_missed():
                ProvisioningToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Consilium"'


def _find(secret: str) -> ProvisioningToken | None:
    with tenancy.everything():
        rows = ProvisioningToken.objects.select_related("organization", "created_by")
        return rows.filter(digest=digest(secret), revoked_at=None, organization__deactivated_at=None).first()


class HasToken(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ProvisioningToken)


class ScimJson(JSONRenderer):
    media_type = MEDIA_TYPE
    charset = None


class ScimParser(Json):
    media_type = MEDIA_TYPE


class OneAnswer(DefaultContentNegotiation):
    """What comes is SCIM, whatever the Accept header says."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class TokenRate(Throttle):
    """As many requests as a person may make over REST, for each token."""

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"scim:{request.auth.pk}" if isinstance(request.auth, ProvisioningToken) else None


class ScimView(APIView):
    authentication_classes = [DirectoryToken]
    permission_classes = [HasToken]
    renderer_classes = [ScimJson]
    parser_classes = [ScimParser, Json]
    throttle_classes = [TokenRate]
    content_negotiation_class = OneAnswer

    def handle_exception(self, exc: Exception) -> Response:
        """Every objection as a SCIM error; what is none of ours is Django's."""
        trouble = later(exc)
        try:
            error = Error(status=503, detail=trouble.words) if trouble else error_for(exc)
        except TypeError:
            raise exc from None
        response = Response(error.model_dump(scim_ctx=Context.DEFAULT), status=int(error.status or 400))
        if response.status_code == 401:
            response["WWW-Authenticate"] = DirectoryToken().authenticate_header(self.request)
        if trouble:
            response["Retry-After"] = str(trouble.seconds)
        return response

    @property
    def token(self) -> ProvisioningToken:
        assert isinstance(self.request.auth, ProvisioningToken)
        return self.request.auth

    @property
    def base(self) -> str:
        return self.request.build_absolute_uri("/scim/v2")

    def read(self, model: Any, context: Context) -> Any:
        """The body as this model. Raises ValidationError for what does not fit."""
        return model.model_validate(self.request.data, scim_ctx=context, scim_policy=POLICY)


def error_for(exc: Exception) -> Error:
    """The SCIM error for an exception. Raises TypeError for one that is a fault of ours."""
    if isinstance(exc, SCIMException):
        return exc.to_error()
    if isinstance(exc, ValidationError):
        return Error.from_validation_errors(exc)[0]
    if isinstance(exc, Invalid):
        return Error(status=400, scim_type="invalidValue", detail=str(exc))
    if isinstance(exc, Conflict):
        return Error(status=409, scim_type="uniqueness", detail=str(exc))
    if isinstance(exc, Http404):
        return Error(status=404, detail="Nothing here, or not of this organization.")
    if isinstance(exc, PermissionDenied | Refused):
        return Error(status=403, detail=str(exc))
    if isinstance(exc, exceptions.APIException):
        return Error(status=exc.status_code, detail=str(exc.detail))
    raise TypeError(exc)
