"""Addresses of what organizations sign, are billed, pay and owe."""

from django.urls import include, path

from portal.fees.views import accounts, ageing, agreements, invoice_acts, invoices, payments, plans, standings

urlpatterns = [
    path("", include("portal.fees.urls_bank")),
    path("", include("portal.fees.urls_renewals")),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/pdf/", invoices.on_paper, name="invoice-pdf"),
    path("invoices/<int:pk>/finalize/", invoice_acts.finalize, name="invoice-finalize"),
    path("invoices/<int:pk>/credit/", invoice_acts.credit, name="invoice-credit"),
    path("invoices/<int:pk>/write-off/", invoice_acts.write_off, name="invoice-write-off"),
    path("fees/payments/", payments.payments, name="payments"),
    path("fees/payments/<int:pk>/", payments.payment, name="payment"),
    path("fees/payments/<int:pk>/allocate/", payments.allocate, name="payment-allocate"),
    path("fees/payments/<int:pk>/refund/", payments.refund, name="payment-refund"),
    path("fees/payments/<int:pk>/return/", payments.return_, name="payment-return"),
    path("fees/allocations/<int:pk>/release/", payments.release, name="allocation-release"),
    path("fees/accounts/", accounts.accounts, name="fees-accounts"),
    path("fees/accounts/<int:pk>/", accounts.account, name="fees-account"),
    path("fees/accounts/<int:pk>/pay/", payments.record, name="fees-account-pay"),
    path("fees/accounts/<int:pk>/distribute/", payments.distribute, name="fees-account-distribute"),
    path("fees/accounts/<int:pk>/statement/", accounts.statement, name="fees-statement"),
    path("fees/accounts/<int:pk>/standing/", standings.page, name="fees-standing"),
    path("fees/accounts/<int:pk>/standing/extend/", standings.extend, name="fees-standing-extend"),
    path("fees/credit-notes/<int:pk>/", accounts.credit_note, name="credit-note"),
    path("fees/credit-notes/<int:pk>/pdf/", accounts.credit_note_on_paper, name="credit-note-pdf"),
    path("fees/credit-notes/<int:pk>/allocate/", accounts.credit_note_allocate, name="credit-note-allocate"),
    path("fees/credit-notes/<int:pk>/refund/", accounts.credit_note_refund, name="credit-note-refund"),
    path("fees/ageing/", ageing.ageing, name="ageing"),
    path("fees/plans/", plans.plans, name="plans"),
    path("fees/plans/new/", plans.add, name="plan-add"),
    path("fees/plans/<int:pk>/", plans.plan, name="plan"),
    path("fees/plans/<int:pk>/version/", plans.add_version, name="plan-version"),
    path("fees/plans/<int:pk>/withdraw/", plans.withdraw, name="plan-withdraw"),
    path("organizations/<slug:slug>/agreements/", agreements.of_organization, name="organization-agreements"),
    path("organizations/<slug:slug>/agreements/new/", agreements.sign, name="agreement-sign"),
    path("fees/agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("fees/agreements/<int:pk>/change/", agreements.change, name="agreement-change"),
    path("fees/agreements/<int:pk>/end/", agreements.end, name="agreement-end"),
]
