"""REST addresses for administrators of an organization, below /api/v1/."""

from django.urls import path

from portal.members import api_organizations as houses
from portal.members import api_roster as api

HOUSE = "organizations/<slug:slug>/"
urlpatterns = [
    path("organizations/", houses.Organizations.as_view(), name="api-organizations"),
    path(HOUSE, houses.OneOrganization.as_view(), name="api-organization"),
    path(f"{HOUSE}deactivate/", houses.DeactivateOrganization.as_view(), name="api-organization-deactivate"),
    path(f"{HOUSE}reactivate/", houses.ReactivateOrganization.as_view(), name="api-organization-reactivate"),
    path("invitations/", houses.Invitations.as_view(), name="api-invitations"),
    path("invitations/<int:pk>/resend/", houses.ResendInvitation.as_view(), name="api-invitation-resend"),
    path("invitations/<int:pk>/revoke/", houses.RevokeInvitation.as_view(), name="api-invitation-revoke"),
    path(f"{HOUSE}people/", api.People.as_view(), name="api-people"),
    path("people/<int:pk>/", api.Member.as_view(), name="api-person"),
    path("people/<int:pk>/roles/", api.MemberRoles.as_view(), name="api-person-roles"),
    path("people/<int:pk>/open-work/", api.Left.as_view(), name="api-person-open-work"),
    path("people/<int:pk>/deactivate/", api.Deactivate.as_view(), name="api-person-deactivate"),
    path("people/<int:pk>/reactivate/", api.Reactivate.as_view(), name="api-person-reactivate"),
    path(f"{HOUSE}invitation-lists/", api.Lists.as_view(), name="api-rosters"),
    path(f"{HOUSE}invitation-lists/<int:pk>/", api.List.as_view(), name="api-roster"),
    path(f"{HOUSE}invitation-lists/<int:pk>/send/", api.SendList.as_view(), name="api-roster-send"),
    path(f"{HOUSE}domains/", api.Domains.as_view(), name="api-domains"),
    path(f"{HOUSE}domains/<int:pk>/", api.Domain.as_view(), name="api-domain"),
    path(f"{HOUSE}domains/<int:pk>/confirm/", api.ConfirmDomain.as_view(), name="api-domain-confirm"),
    path(f"{HOUSE}domains/<int:pk>/ask/", api.AskDomain.as_view(), name="api-domain-ask"),
    path(f"{HOUSE}join-requests/", api.Joining.as_view(), name="api-joining"),
    path(f"{HOUSE}join-requests/<int:pk>/", api.Decide.as_view(), name="api-join-decide"),
    path(f"{HOUSE}sign-in-rules/", api.HouseRules.as_view(), name="api-house-rules"),
]
