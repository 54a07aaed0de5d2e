"""People and groups as SCIM 2.0 (RFC 7643) writes them: the attributes this site keeps, and what it can do."""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
    User,
)
from scim2_models.resources.user import Email, GroupMembership, Name

from portal.members.models_sso import DirectoryGroup, DirectoryPerson
from portal.members.services.provisioning import Described

MOST = 200
KEPT = ("userName", "name", "displayName", "emails")
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Directories send attributes that nobody here needs, and some write patches as the largest of them does."""


class DirectoryUser(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The e-mail address the person signs in with, of a confirmed domain of the organization."""

    name: Name | None = None
    """The components of the person's name."""

    display_name: str | None = None
    """The name shown to colleagues."""

    active: bool | None = None
    """Whether the person may come in. Set to false, they are signed out at once and their work is handed on."""

    emails: list[Email] | None = None
    """Kept as sent; the address of the account is the userName."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The groups the person is in."""


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of a person of the directory."""

    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # type: ignore[type-arg] # a name, on the wire
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the person is."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """A member is a person: groups of groups are not kept."""


class GroupOfDirectory(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """The name of the group, once in an organization; one that is called as a role stands for it."""

    members: list[Member] | None = None
    """The people in it."""


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=False),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token made by an administrator of the organization.",
            primary=True,
        )
    ],
)
SERVICE = ScimProvider([DirectoryUser, GroupOfDirectory], config=CONFIG, policy=POLICY)


def name_of(user: DirectoryUser) -> str:
    """What to call the person: the display name, or the name in one piece, or its parts, or what is before the @."""
    name = user.name or Name()
    parts = " ".join(filter(None, [name.given_name, name.family_name]))
    found = user.display_name or name.formatted or parts or str(user.user_name).partition("@")[0]
    return " ".join(found.replace("\0", "").split())[:120] or "?"


def described(user: DirectoryUser) -> Described:
    """What the directory says of a person, for the services."""
    sent = user.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Described(
        user_name=str(user.user_name),
        name=name_of(user),
        external_id=user.external_id or "",
        is_active=user.active is not False,
        kept={name: sent[name] for name in KEPT if name in sent} | {"active": user.active},
    )


def as_user(row: DirectoryPerson, base: str) -> DirectoryUser:
    """The person as the directory described them, with what this site adds."""
    active = row.described.get("active")
    groups = [
        {"value": str(group.pk), "$ref": f"{base}/Groups/{group.pk}", "display": group.name}
        for group in row.groups.all()
    ]
    return DirectoryUser.model_validate(
        {
            **{name: value for name, value in row.described.items() if name in KEPT},
            "schemas": [str(DirectoryUser.__schema__)],
            "id": str(row.pk),
            "externalId": row.external_id or None,
            "active": row.is_active if active is not None else None,
            "groups": groups or None,
            "meta": _meta("User", f"{base}/Users/{row.pk}", row),
        },
        scim_policy=POLICY,
    )


def as_group(row: DirectoryGroup, base: str) -> GroupOfDirectory:
    members = [{"value": str(one.pk), "$ref": f"{base}/Users/{one.pk}", "type": "User"} for one in row.members.all()]
    return GroupOfDirectory.model_validate(
        {
            "schemas": [str(GroupOfDirectory.__schema__)],
            "id": str(row.pk),
            "externalId": row.external_id or None,
            "displayName": row.name,
            "members": members or None,
            "meta": _meta("Group", f"{base}/Groups/{row.pk}", row),
        },
        scim_policy=POLICY,
    )


def _meta(kind: str, location: str, row: DirectoryPerson | DirectoryGroup) -> dict[str, str]:
    times = {"created": row.created_at.isoformat(), "lastModified": row.changed_at.isoformat()}
    return {"resourceType": kind, "location": location, **times}
