"""Addresses of what organizations are billed."""

from django.urls import include, path

from portal.fees.views import invoices

urlpatterns = [
    path("", include("portal.fees.urls_bank")),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/pdf/", invoices.on_paper, name="invoice-pdf"),
]
