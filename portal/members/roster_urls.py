"""Addresses of lists, joining, rules of sign-in, and acting for an organization."""

from django.urls import path

from portal.members.views import house_rules, joining, people, rosters

HOUSE = "organizations/<slug:slug>/"
urlpatterns = [
    path("account/acting/", house_rules.act_for, name="act-for"),
    path("people/<int:pk>/facts/", people.keep_facts, name="person-facts"),
    path(f"{HOUSE}people/lists/", rosters.rosters, name="rosters"),
    path(f"{HOUSE}people/lists/template.csv", rosters.template, name="roster-template"),
    path(f"{HOUSE}people/lists/<int:pk>/", rosters.roster, name="roster"),
    path(f"{HOUSE}rules/", house_rules.rules, name="house-rules"),
    path(f"{HOUSE}joining/", joining.joining, name="joining"),
    path(f"{HOUSE}joining/domains/", joining.add_domain, name="domain-add"),
    path(f"{HOUSE}joining/domains/<int:pk>/confirm/", joining.confirm_domain, name="domain-confirmed"),
    path(f"{HOUSE}joining/domains/<int:pk>/ask/", joining.ask_to_confirm, name="domain-ask"),
    path(f"{HOUSE}joining/domains/<int:pk>/remove/", joining.remove_domain, name="domain-remove"),
    path(f"{HOUSE}joining/<int:pk>/approve/", joining.approve, name="join-approve"),
    path(f"{HOUSE}joining/<int:pk>/decline/", joining.decline, name="join-decline"),
    path("domains/confirm/<str:token>/", joining.confirm, name="domain-confirm"),
    path("join/", joining.ask, name="join"),
    path("join/sent/", joining.sent, name="join-sent"),
    path("join/<str:secret>/", joining.proof, name="join-proof"),
]
