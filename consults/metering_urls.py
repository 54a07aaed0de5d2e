"""Addresses of what is used under agreements, and of what the fee bought."""

from django.urls import path

from consults.views import metering

urlpatterns = [
    path("usage/", metering.usage, name="usage"),
    path("usage/<int:pk>/", metering.one, name="usage-one"),
    path("invoices/<int:pk>/worth/", metering.worth, name="invoice-worth"),
    path("invoices/<int:pk>/worth/pdf/", metering.worth_on_paper, name="invoice-worth-pdf"),
]
