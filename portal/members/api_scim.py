"""SCIM 2.0 (RFC 7644) for organizations' directories: Users, Groups, and what the service says of itself."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from scim2_models import (
    Context,
    InvalidFilterException,
    ListResponse,
    Meta,
    NotImplementedException,
    PatchOp,
    Resource,
    ResponseParameters,
    SearchRequest,
)
from scim2_models.path import Comparison

from portal.members.models_sso import DirectoryGroup, DirectoryPerson
from portal.members.scim_access import ScimView
from portal.members.scim_shapes import (
    CONFIG,
    MOST,
    POLICY,
    SERVICE,
    DirectoryUser,
    GroupOfDirectory,
    as_group,
    as_user,
    described,
)
from portal.members.services import provisioning

M = TypeVar("M", bound=Model)
CREATED, SEEN = Context.RESOURCE_CREATION_RESPONSE, Context.RESOURCE_QUERY_RESPONSE
EXACT = {
    "username": "user_name__iexact",
    "externalid": "external_id",
    "id": "pk",
    "active": "is_active",
    "displayname": "name__iexact",
}
"""What may be asked for, with ``eq``: what directories ask for to find out whom they have told of."""


def asked(query: Any, shape: type[Resource[Any]]) -> SearchRequest[Any]:
    """The query of a list, checked. Raises ValidationError."""
    found: SearchRequest[Any] = SearchRequest[shape].model_validate(  # type: ignore[valid-type]
        query, scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY
    )
    return found


def narrowed(rows: "QuerySet[M]", search: SearchRequest[Any], fields: frozenset[str]) -> "QuerySet[M]":
    """The rows a filter asks for: one ``eq`` on an attribute that has a column. Raises InvalidFilterException."""
    if search.filter is None:
        return rows
    node = search.filter.ast
    if not isinstance(node, Comparison) or node.op.value != "eq":
        raise InvalidFilterException(detail="Filter by one attribute, with eq.")
    name = node.attr_path.attr.lower()
    if name not in fields or node.attr_path.sub_attr:
        raise InvalidFilterException(detail=f"Filter by {', '.join(sorted(fields))}.")
    if name == "id" and not str(node.value).isdecimal():
        return rows.none()
    return rows.filter(Q(**{EXACT[name]: node.value}))


class Listed(ScimView):
    """A list of one kind, and adding to it."""

    def page(self, rows: "QuerySet[Any]", search: SearchRequest[Any], shape: Any, write: Any) -> Response:
        start, count = search.start_index or 1, MOST if search.count is None else min(search.count, MOST)
        some = [write(row, self.base) for row in rows[start - 1 : start - 1 + count]]
        answer = ListResponse[shape](
            total_results=rows.count(), start_index=start, items_per_page=len(some), resources=some
        )
        return Response(answer.model_dump(scim_ctx=SEEN, response_parameters=search))

    def made(self, resource: Any) -> Response:
        return Response(
            resource.model_dump(scim_ctx=CREATED, response_parameters=parameters(self.request, type(resource))),
            status=status.HTTP_201_CREATED,
            headers={"Location": str(resource.meta.location)},
        )


def parameters(request: Request, shape: type[Resource[Any]]) -> ResponseParameters[Any]:
    names = {
        name: request.query_params[name]
        for name in ("attributes", "excludedAttributes")
        if name in request.query_params
    }
    found: ResponseParameters[Any] = ResponseParameters[shape].model_validate(names, scim_policy=POLICY)  # type: ignore[valid-type]
    return found


def one(rows: "QuerySet[M]", number: str) -> M:
    """The row with this id, locked. Raises Http404, for those of others too."""
    found = rows.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
    if found is None:
        raise Http404
    return found


class Users(Listed):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The people the directory has told of."""
        return self.search(request.query_params.dict())

    def search(self, query: Any) -> Response:
        search = asked(query, DirectoryUser)
        rows = narrowed(people(self), search, frozenset({"username", "externalid", "id", "active"}))
        return self.page(rows, search, DirectoryUser, as_user)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        """Add a person, or take one on who is here already."""
        told = described(self.read(DirectoryUser, Context.RESOURCE_CREATION_REQUEST))
        row = provisioning.add_person(token=self.token, told=told, at=timezone.now())
        return self.made(as_user(row, self.base))


class SearchUsers(Users):
    """The list, asked for by POST, which keeps addresses out of logs."""

    http_method_names = ["post"]

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        return self.search(request.data)


class OneUser(ScimView):
    def shown(self, row: DirectoryPerson, context: Context = SEEN) -> Response:
        chosen = parameters(self.request, DirectoryUser)
        return Response(as_user(row, self.base).model_dump(scim_ctx=context, response_parameters=chosen))

    @extend_schema(exclude=True)
    def get(self, request: Request, number: str) -> Response:
        return self.shown(one(people(self), number))

    @extend_schema(exclude=True)
    def put(self, request: Request, number: str) -> Response:
        row = one(people(self), number)
        new = self.read(DirectoryUser, Context.RESOURCE_REPLACEMENT_REQUEST)
        new.replace(as_user(row, self.base))
        return self.shown(self._change(row, new), Context.RESOURCE_REPLACEMENT_RESPONSE)

    @extend_schema(exclude=True)
    def patch(self, request: Request, number: str) -> Response:
        row = one(people(self), number)
        user = as_user(row, self.base)
        self.read(PatchOp[DirectoryUser], Context.RESOURCE_PATCH_REQUEST).patch(user, POLICY)
        return self.shown(self._change(row, user), Context.RESOURCE_PATCH_RESPONSE)

    @extend_schema(exclude=True)
    def delete(self, request: Request, number: str) -> Response:
        provisioning.forget_person(token=self.token, row=one(people(self), number), at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, row: DirectoryPerson, user: DirectoryUser) -> DirectoryPerson:
        return provisioning.change_person(token=self.token, row=row, told=described(user), at=timezone.now())


class Groups(Listed):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The directory's groups."""
        return self.search(request.query_params.dict())

    def search(self, query: Any) -> Response:
        search = asked(query, GroupOfDirectory)
        rows = narrowed(groups(self), search, frozenset({"displayname", "externalid", "id"}))
        return self.page(rows, search, GroupOfDirectory, as_group)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        group = self.read(GroupOfDirectory, Context.RESOURCE_CREATION_REQUEST)
        return self.made(as_group(save(self, None, group), self.base))


class SearchGroups(Groups):
    http_method_names = ["post"]

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        return self.search(request.data)


class OneGroup(ScimView):
    def shown(self, row: DirectoryGroup, context: Context = SEEN) -> Response:
        chosen = parameters(self.request, GroupOfDirectory)
        return Response(as_group(row, self.base).model_dump(scim_ctx=context, response_parameters=chosen))

    @extend_schema(exclude=True)
    def get(self, request: Request, number: str) -> Response:
        return self.shown(one(groups(self), number))

    @extend_schema(exclude=True)
    def put(self, request: Request, number: str) -> Response:
        row = one(groups(self), number)
        new = self.read(GroupOfDirectory, Context.RESOURCE_REPLACEMENT_REQUEST)
        new.replace(as_group(row, self.base))
        return self.shown(save(self, row, new), Context.RESOURCE_REPLACEMENT_RESPONSE)

    @extend_schema(exclude=True)
    def patch(self, request: Request, number: str) -> Response:
        row = one(groups(self), number)
        group = as_group(row, self.base)
        self.read(PatchOp[GroupOfDirectory], Context.RESOURCE_PATCH_REQUEST).patch(group, POLICY)
        return self.shown(save(self, row, group), Context.RESOURCE_PATCH_RESPONSE)

    @extend_schema(exclude=True)
    def delete(self, request: Request, number: str) -> Response:
        provisioning.forget_group(token=self.token, row=one(groups(self), number))
        return Response(status=status.HTTP_204_NO_CONTENT)


def people(view: ScimView) -> "QuerySet[DirectoryPerson]":
    rows = DirectoryPerson.objects.filter(organization=view.token.organization_id)
    return rows.select_related("person", "organization").prefetch_related("groups")


def groups(view: ScimView) -> "QuerySet[DirectoryGroup]":
    return DirectoryGroup.objects.filter(organization=view.token.organization_id).prefetch_related("members")


def save(view: ScimView, row: DirectoryGroup | None, group: GroupOfDirectory) -> DirectoryGroup:
    values = [str(member.value) for member in group.members or []]
    # A group of groups is none of ours: its number would be a person's.
    numbers = [int(value) if value.isdecimal() and len(value) < 18 else 0 for value in values]
    saved = provisioning.save_group(
        token=view.token,
        row=row,
        name=str(group.display_name)[:255],
        external_id=group.external_id or "",
        members=numbers,
        at=timezone.now(),
    )
    return one(groups(view), str(saved.pk))


class Described(ScimView):
    """What the service says of itself: a whole list, or one by its id."""

    def found(self) -> dict[str, Resource[Any]]:
        raise NotImplementedError

    @extend_schema(exclude=True)
    def get(self, request: Request, number: str = "") -> Response:
        found = self.found()
        if number:
            if number not in found:
                raise Http404
            return Response(found[number].model_dump(scim_ctx=SEEN))
        some = list(found.values())
        if "filter" in request.query_params:
            raise PermissionDenied("What the service says of itself is not filtered.")
        answer = _list_of(type(some[0]))(
            total_results=len(some), start_index=1, items_per_page=len(some), resources=some
        )
        return Response(answer.model_dump(scim_ctx=SEEN))


class Schemas(Described):
    def found(self) -> dict[str, Resource[Any]]:
        found = {}
        for schema in SERVICE.schemas:
            row = _located(schema, "Schema", f"{self.base}/Schemas/{schema.id}")
            found[str(schema.id)] = row.model_copy(update={"name": str(schema.id).rpartition(":")[2]})
        return found


class ResourceTypes(Described):
    def found(self) -> dict[str, Resource[Any]]:
        return {
            str(kind.id): _located(kind, "ResourceType", f"{self.base}/ResourceTypes/{kind.id}")
            for kind in SERVICE.resource_types
        }


class Configuration(ScimView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        found = _located(CONFIG, "ServiceProviderConfig", f"{self.base}/ServiceProviderConfig")
        return Response(found.model_dump(scim_ctx=SEEN))


class SearchAll(ScimView):
    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        """People and groups in one search: not offered."""
        raise NotImplementedException(detail="Search below /Users or below /Groups.")


class Nothing(ScimView):
    """Every other address of the service, so that it answers in its own words."""

    @extend_schema(exclude=True)
    def get(self, request: Request, rest: str = "") -> Response:
        raise Http404

    post = put = patch = delete = get


def _list_of(kind: Any) -> Any:
    return ListResponse[kind]


def _located(resource: Any, kind: str, location: str) -> Any:
    return resource.model_copy(update={"meta": Meta(resource_type=kind, location=location)})
