"""Addresses of what organizations are billed."""

from django.urls import path

from portal.fees.views import invoices

urlpatterns = [
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/pdf/", invoices.on_paper, name="invoice-pdf"),
]
