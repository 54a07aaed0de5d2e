"""Addresses of people, organizations and what they were told."""

from django.urls import path
from django.views.generic import RedirectView

from portal.members.application_urls import urlpatterns as applications
from portal.members.roster_urls import urlpatterns as rosters
from portal.members.sso_urls import urlpatterns as sso
from portal.members.views import (
    account,
    audit,
    exports,
    invitations,
    notices,
    organizations,
    people,
    specialists,
    stand_ins,
)

urlpatterns = [
    *sso,
    *rosters,
    *applications,
    path("account/", account.account, name="account"),
    path("account/tokens/", account.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", account.revoke, name="token-revoke"),
    path("account/directory/", specialists.profile, name="specialist-profile"),
    path("specialists/", specialists.specialists, name="specialists"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.mark_read, name="notices-read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/<int:pk>/read/", notices.mark_read, name="notice-read"),
    path("organizations/", organizations.organizations, name="organizations"),
    path("organizations/<slug:slug>/", organizations.organization, name="organization"),
    path("organizations/<slug:slug>/deactivate/", organizations.deactivate, name="organization-deactivate"),
    path("organizations/<slug:slug>/reactivate/", organizations.reactivate, name="organization-reactivate"),
    path("organizations/<slug:slug>/people/", people.of_organization, name="people"),
    path("network/people/", people.of_network, name="network-people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/look/", stand_ins.begin, name="stand-in"),
    path("look/end/", stand_ins.end, name="stand-in-end"),
    path("account/stand-ins/", stand_ins.mine, name="stand-ins"),
    path("people/<int:pk>/roles/", people.give_role, name="role-give"),
    path("people/<int:pk>/roles/<int:role>/remove/", people.remove_role, name="role-remove"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="person-reactivate"),
    path("invitations/<int:pk>/resend/", invitations.resend, name="invitation-resend"),
    path("invitations/<int:pk>/revoke/", invitations.revoke, name="invitation-revoke"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("audit/", audit.audit, name="audit"),
    # Where notices of earlier versions lead.
    path("audit/exports/", RedirectView.as_view(pattern_name="exports"), name="audit-exports"),
    path("exports/", exports.files, name="exports"),
    path("exports/<uuid:key>/", exports.file, name="export"),
]
