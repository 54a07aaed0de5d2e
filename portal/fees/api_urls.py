"""REST addresses of the fees, below /api/v1/."""

from django.urls import path

from portal.fees import api, api_accounts, api_agreements, api_renewals

ACTS = {**api.ACTS, **api_accounts.ACTS, **api_agreements.ACTS, **api_renewals.ACTS}


def _name(address: str) -> str:
    return "api-fees-" + address.replace("<int:pk>/", "").strip("/").replace("/", "-")


urlpatterns = [
    path("invoices/", api.Invoices.as_view(), name="api-invoices"),
    path("invoices/<int:pk>/", api.InvoiceView.as_view(), name="api-invoice"),
    path("payments/", api.Payments.as_view(), name="api-payments"),
    path("payments/<int:pk>/", api.PaymentView.as_view(), name="api-payment"),
    path("credit-notes/<int:pk>/", api.CreditNoteView.as_view(), name="api-credit-note"),
    path("fee-accounts/", api_accounts.Accounts.as_view(), name="api-fee-accounts"),
    path("fee-accounts/<int:pk>/", api_accounts.AccountView.as_view(), name="api-fee-account"),
    path("fee-accounts/<int:pk>/ledger/", api_accounts.LedgerView.as_view(), name="api-fee-ledger"),
    path("fee-accounts/<int:pk>/statement/", api_accounts.StatementView.as_view(), name="api-fee-statement"),
    path("fee-accounts/<int:pk>/standing/", api_accounts.StandingView.as_view(), name="api-fee-standing"),
    path("ageing/", api_accounts.Ageing.as_view(), name="api-ageing"),
    path("plans/", api_agreements.Plans.as_view(), name="api-plans"),
    path("plans/<int:pk>/", api_agreements.PlanView.as_view(), name="api-plan"),
    path("agreements/", api_agreements.Agreements.as_view(), name="api-agreements"),
    path("agreements/<int:pk>/", api_agreements.AgreementView.as_view(), name="api-agreement"),
    path("renewals/", api_renewals.Renewals.as_view(), name="api-renewals"),
    path("renewals/<int:pk>/", api_renewals.RenewalView.as_view(), name="api-renewal"),
    *(path(address, view.as_view(), name=_name(address)) for address, view in ACTS.items()),
]
