"""Addresses of offers to renew."""

from django.urls import path

from portal.fees.views import renewals

urlpatterns = [
    path("renewals/", renewals.renewals, name="renewals"),
    path("renewals/<int:pk>/", renewals.renewal, name="renewal"),
    path("renewals/<int:pk>/offer/", renewals.offer, name="renewal-offer"),
    path("renewals/<int:pk>/withdraw/", renewals.withdraw, name="renewal-withdraw"),
    path("renewals/<int:pk>/accept/", renewals.accept, name="renewal-accept"),
    path("renewals/<int:pk>/decline/", renewals.decline, name="renewal-decline"),
    path("fees/agreements/<int:pk>/renew/", renewals.draft, name="agreement-renew"),
]
