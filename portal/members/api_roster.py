"""REST for administrators of an organization: its people, lists to invite, who asks to join, and rules of sign-in."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common import circumstances
from portal.common.refusals import Invalid, Refused
from portal.common.rest import Pages, once
from portal.members import doors, leaving
from portal.members.api import RoleShape
from portal.members.models import Facility, Organization, Person, Role, Specialty
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest, Roster
from portal.members.policy import ORGANIZATION_ROLES, Action, Denied, can
from portal.members.services import domains, house_rules, joining, people, roles, rosters

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}
PAGED = [OpenApiParameter("page", int), OpenApiParameter("page_size", int, description="At most 100")]
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Sent again, answered again")
GIVEN = [(value, label) for value, label in Role.Name.choices if value in ORGANIZATION_ROLES]


class Nothing(serializers.Serializer[Any]):
    """No body."""


class MemberShape(serializers.ModelSerializer[Person]):
    """A person of an organization that the caller administers, with their roles there and elsewhere."""

    roles = RoleShape(many=True)
    facility = serializers.CharField(source="facility.name", default=None, allow_null=True)
    specialty = serializers.CharField(source="own_specialty.slug", default=None, allow_null=True)

    class Meta:
        model = Person
        fields = ("id", "email", "name", "is_active", "facility", "specialty", "npi", "roles")


class FactsBody(serializers.Serializer[Any]):
    """What is left out stays as it is; null or an empty text empties it."""

    facility = serializers.CharField(
        allow_null=True, required=False, help_text="Its name, in the person's organization"
    )
    specialty = serializers.SlugRelatedField(
        slug_field="slug", queryset=Specialty.objects.all(), allow_null=True, required=False
    )
    npi = serializers.CharField(allow_blank=True, required=False, max_length=10)


class GivenRole(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=GIVEN)
    organization = serializers.SlugField()


class HeirBody(serializers.Serializer[Any]):
    heir = serializers.IntegerField(
        required=False, allow_null=True, help_text="Who takes over what is left open; nobody where left out"
    )


class OpenWork(serializers.Serializer[Any]):
    """What deactivating the person would leave open, and who may take it over."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    heirs = serializers.ListField(child=serializers.IntegerField())


class RosterBody(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False, help_text="CSV with the columns email, role, and the others")


class RosterSendBody(serializers.Serializer[Any]):
    leave_out = serializers.BooleanField(default=False, help_text="Send the right lines although others are wrong")


class CellProblem(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    what_to_do = serializers.CharField()


class RosterShape(serializers.ModelSerializer[Roster]):
    """A list; ``problems`` holds the first hundred bad lines, ``not_sent`` what changed since the check."""

    good = serializers.IntegerField()
    problems = serializers.SerializerMethodField()
    not_sent = serializers.SerializerMethodField()

    class Meta:
        model = Roster
        fields = ("id", "state", "made_at", "ended_at", "total", "good", "bad", "done", "problems", "not_sent")

    @extend_schema_field(CellProblem(many=True))
    def get_problems(self, row: Roster) -> list[dict[str, Any]]:
        return [
            {"line": line.line, "column": at["column"], "value": at["value"], "what_to_do": at["words"]}
            for line in row.lines.filter(is_bad=True)[:100]
            for at in line.problems
        ]

    def get_not_sent(self, row: Roster) -> dict[str, str]:
        return {line.email: line.why_not for line in row.lines.exclude(why_not="")[:100]}


class DomainShape(serializers.ModelSerializer[OrganizationDomain]):
    class Meta:
        model = OrganizationDomain
        fields = ("id", "domain", "confirmed_at")


class DomainBody(serializers.Serializer[Any]):
    domain = serializers.CharField(max_length=254)


class MailboxBody(serializers.Serializer[Any]):
    mailbox = serializers.ChoiceField(choices=[(name, name) for name in domains.MAILBOXES])


class JoinShape(serializers.ModelSerializer[JoinRequest]):
    class Meta:
        model = JoinRequest
        fields = ("id", "name", "email", "proven_at")


class DecisionBody(serializers.Serializer[Any]):
    approve = serializers.BooleanField()
    role = serializers.ChoiceField(choices=GIVEN, default="clinician")
    facility = serializers.CharField(required=False, allow_null=True, help_text="Its name")


class SignInRules(serializers.Serializer[Any]):
    networks = serializers.ListField(child=serializers.CharField(), help_text="CIDR; empty is from everywhere")
    second_factor_for = serializers.ChoiceField(
        choices=[(doors.ADMINISTRATORS, "Administrators"), (doors.EVERYBODY, "Everybody")], allow_blank=True
    )
    second_factor_from = serializers.DateField(allow_null=True)
    idle_minutes = serializers.IntegerField(allow_null=True)
    session_hours = serializers.IntegerField(allow_null=True)


class RulesBody(SignInRules):
    knowingly = serializers.BooleanField(default=False, help_text="Even though it locks out the caller's own address")


class RulesAnswer(SignInRules):
    your_address = serializers.CharField(allow_null=True)
    is_inside = serializers.BooleanField()


def person_of(request: Request) -> Person:
    if not isinstance(request.user, Person) or not request.user.actor.has_any_role:
        raise Http404
    return request.user


def place_of(request: Request, slug: str) -> Organization:
    """The organization, for who manages its people. 404 for outsiders, Refused for others in it."""
    by = person_of(request)
    found = get_object_or_404(Organization.objects.visible_to(by), slug=slug)
    decision = can(by.actor, Action.MANAGE_PEOPLE, found.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    return found


def member_of(request: Request, pk: int) -> Person:
    return get_object_or_404(_members(person_of(request)), pk=pk)


def _members(by: Person) -> "QuerySet[Person]":
    rows = Person.objects.visible_to(by).select_related("facility", "own_specialty")
    return rows.prefetch_related("roles__organization", "roles__specialty")


def body_of(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


def facility_named(name: str | None, organizations: Any) -> Facility | None:
    if not name:
        return None
    found = Facility.objects.filter(organization__in=organizations, name__iexact=name).first()
    if found is None:
        raise Invalid(facility="There is no facility of this name here.")
    return found


class People(APIView):
    pagination_class = Pages

    @extend_schema(
        operation_id="organization_people", parameters=PAGED, responses={200: MemberShape(many=True), **PROBLEM}
    )
    def get(self, request: Request, slug: str) -> Response:
        """People with a role in the organization, by name. For its administrators and the network's."""
        place = place_of(request, slug)
        held = Role.objects.filter(organization=place).values("person")
        pages = Pages()
        page = pages.paginate_queryset(_members(person_of(request)).filter(pk__in=held).order_by("name", "pk"), request)
        return pages.get_paginated_response(MemberShape(page or [], many=True).data)


class Member(APIView):
    @extend_schema(operation_id="person", responses={200: MemberShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """A person of an organization that the caller administers."""
        return Response(MemberShape(member_of(request, pk)).data)

    @extend_schema(operation_id="person_change", request=FactsBody, responses={200: MemberShape, **PROBLEM})
    def patch(self, request: Request, pk: int) -> Response:
        """Say where the person works, in which field, and under which NPI (its check digit is verified)."""
        by, member, values = person_of(request), member_of(request, pk), body_of(FactsBody, request)
        facility = member.facility
        if "facility" in values:
            facility = facility_named(values["facility"], member.actor.organizations)
        elif facility and facility.organization_id not in by.actor.administrator_of:
            facility = None  # another organization's; the service leaves it
        people.keep_facts(
            by=by,
            person=member,
            facility=facility,
            own_specialty=values.get("specialty", member.own_specialty),
            npi=values.get("npi", member.npi),
        )
        return Response(MemberShape(member_of(request, pk)).data)


class MemberRoles(APIView):
    @extend_schema(operation_id="person_role_give", request=GivenRole, responses={201: MemberShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Give a role in an organization that the caller administers; having it already changes nothing."""
        member, values = member_of(request, pk), body_of(GivenRole, request)
        place = place_of(request, values["organization"])
        roles.give_role(by=person_of(request), person=member, role=values["role"], organization=place)
        return Response(MemberShape(member_of(request, pk)).data, status=201)

    @extend_schema(
        operation_id="person_role_remove",
        parameters=[
            OpenApiParameter("role", str, required=True, enum=[value for value, _ in GIVEN]),
            OpenApiParameter("organization", str, required=True),
        ],
        responses={204: None, **PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Take a role away. Refused where the organization would lose its last administrator."""
        member, values = member_of(request, pk), GivenRole(data=request.query_params)
        values.is_valid(raise_exception=True)
        place = place_of(request, values.validated_data["organization"])
        held = member.roles.select_related("person", "organization")
        found = get_object_or_404(held, name=values.validated_data["role"], organization=place)
        roles.remove_role(by=person_of(request), role=found)
        return Response(status=204)


class Left(APIView):
    @extend_schema(operation_id="person_open_work", responses={200: OpenWork(many=True), **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """What the person would leave open, and who may take it over."""
        member = member_of(request, pk)
        found = [
            {"kind": work.name, "count": number, "heirs": [one.pk for one in work.heirs(member)]}
            for work, number in leaving.left_by(member)
        ]
        return Response(OpenWork(found, many=True).data)


class Deactivate(APIView):
    @extend_schema(operation_id="person_deactivate", request=HeirBody, responses={200: MemberShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Switch the account off; what is open goes to ``heir``. Signed out everywhere, and every token ends."""
        member, values = member_of(request, pk), body_of(HeirBody, request)
        chosen = values.get("heir")
        heir = next((one for one in leaving.heirs_of(member) if one.pk == chosen), None)
        if chosen is not None and heir is None:
            raise Invalid(heir="Choose one of those who may take it over.")
        people.deactivate_person(by=person_of(request), person=member, heir=heir)
        return Response(MemberShape(member_of(request, pk)).data)


class Reactivate(APIView):
    @extend_schema(operation_id="person_reactivate", request=Nothing, responses={200: MemberShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Switch the account on again, with the roles it had."""
        people.reactivate_person(by=person_of(request), person=member_of(request, pk))
        return Response(MemberShape(member_of(request, pk)).data)


class Lists(APIView):
    @extend_schema(
        operation_id="invitation_list_create",
        request=RosterBody,
        parameters=[KEY],
        responses={201: RosterShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have a list of people checked. Nothing is sent; a long list is ready when its state is ``checked``."""

        def write() -> Response:
            place, values = place_of(request, slug), body_of(RosterBody, request)
            row = rosters.make_roster(by=person_of(request), organization=place, text=values["text"], at=timezone.now())
            return Response(RosterShape(row).data, status=201)

        return once(request, write)


def _list(request: Request, slug: str, pk: int) -> Roster:
    return get_object_or_404(Roster.objects.visible_to(person_of(request)), organization=place_of(request, slug), pk=pk)


class List(APIView):
    @extend_schema(operation_id="invitation_list", responses={200: RosterShape, **PROBLEM})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """What the check found, and how far checking or sending has come."""
        return Response(RosterShape(_list(request, slug, pk)).data)


class SendList(APIView):
    @extend_schema(operation_id="invitation_list_send", request=RosterSendBody, responses={200: RosterShape, **PROBLEM})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Invite everyone on a checked list; sent twice, it is done once."""
        row, values = _list(request, slug, pk), body_of(RosterSendBody, request)
        rosters.send_roster(by=person_of(request), row=row, leave_out=values["leave_out"], at=timezone.now())
        return Response(RosterShape(_list(request, slug, pk)).data)


class Domains(APIView):
    @extend_schema(operation_id="organization_domains", responses={200: DomainShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The organization's domains; one counts once it is confirmed."""
        return Response(
            DomainShape(OrganizationDomain.objects.filter(organization=place_of(request, slug)), many=True).data
        )

    @extend_schema(operation_id="organization_domain_add", request=DomainBody, responses={201: DomainShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """List a domain."""
        place, values = place_of(request, slug), body_of(DomainBody, request)
        row = domains.add_domain(by=person_of(request), organization=place, domain=values["domain"])
        return Response(DomainShape(row).data, status=201)


def _domain(request: Request, slug: str, pk: int) -> OrganizationDomain:
    rows = OrganizationDomain.objects.select_related("organization").filter(organization=place_of(request, slug))
    return get_object_or_404(rows, pk=pk)


class Domain(APIView):
    @extend_schema(operation_id="organization_domain_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take a domain off the list."""
        domains.remove_domain(by=person_of(request), row=_domain(request, slug, pk))
        return Response(status=204)


class ConfirmDomain(APIView):
    @extend_schema(operation_id="organization_domain_confirm", request=Nothing, responses={200: DomainShape, **PROBLEM})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """The network says that the domain is the organization's."""
        row = _domain(request, slug, pk)
        domains.confirm_domain(by=person_of(request), row=row, at=timezone.now())
        return Response(DomainShape(row).data)


class AskDomain(APIView):
    @extend_schema(operation_id="organization_domain_ask", request=MailboxBody, responses={200: DomainShape, **PROBLEM})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Mail a link that confirms the domain to whoever runs its mail."""
        row, values = _domain(request, slug, pk), body_of(MailboxBody, request)
        domains.ask_to_confirm(by=person_of(request), row=row, mailbox=values["mailbox"])
        return Response(DomainShape(row).data)


class Joining(APIView):
    pagination_class = Pages

    @extend_schema(operation_id="join_requests", parameters=PAGED, responses={200: JoinShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """Who has proven an address in one of the organization's domains and waits for its administrator."""
        place, pages = place_of(request, slug), Pages()
        rows = JoinRequest.objects.visible_to(person_of(request)).waiting().filter(organization=place)
        return pages.get_paginated_response(JoinShape(pages.paginate_queryset(rows, request) or [], many=True).data)


class Decide(APIView):
    @extend_schema(operation_id="join_request_decide", request=DecisionBody, responses={204: None, **PROBLEM})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Approve, which sends an invitation to the role, or decline."""
        by, place, values = person_of(request), place_of(request, slug), body_of(DecisionBody, request)
        row = get_object_or_404(JoinRequest.objects.visible_to(by).filter(organization=place), pk=pk)
        if values["approve"]:
            facility = facility_named(values.get("facility"), [place.pk])
            joining.approve(by=by, row=row, role=values["role"], facility=facility, at=timezone.now())
        else:
            joining.decline(by=by, row=row, at=timezone.now())
        return Response(status=204)


class HouseRules(APIView):
    @extend_schema(operation_id="sign_in_rules", responses={200: RulesAnswer, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """What the organization asks of its people's way in, and whether the caller's address is in its list."""
        return self._answer(place_of(request, slug))

    @extend_schema(operation_id="sign_in_rules_set", request=RulesBody, responses={200: RulesAnswer, **PROBLEM})
    def put(self, request: Request, slug: str) -> Response:
        """Set all of them; they hold from each person's next request."""
        place, values = place_of(request, slug), body_of(RulesBody, request)
        knowingly = values.pop("knowingly")
        rules = house_rules.Rules(**values)
        house_rules.set_rules(by=person_of(request), organization=place, rules=rules, knowingly=knowingly)
        return self._answer(Organization.objects.get(pk=place.pk))

    def _answer(self, place: Organization) -> Response:
        address = circumstances.current().address
        inside = not place.allowed_networks or doors.contains(place.allowed_networks, address)
        found = {**vars(house_rules.rules_of(place)), "your_address": address, "is_inside": inside}
        return Response(RulesAnswer(found).data)
