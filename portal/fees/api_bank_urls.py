"""REST addresses of bank files, reminders and payments online, below /api/v1/."""

from django.urls import path

from portal.fees import api_bank, api_online, api_reminders

urlpatterns = [
    path("bank/files/", api_bank.BankFiles.as_view(), name="api-bank-files"),
    path("bank/files/<int:pk>/", api_bank.BankFileView.as_view(), name="api-bank-file"),
    path("bank/lines/", api_bank.BankLines.as_view(), name="api-bank-lines"),
    path("bank/lines/confirm/", api_bank.BankConfirm.as_view(), name="api-bank-confirm"),
    path("bank/lines/<int:pk>/match/", api_bank.MatchLine.as_view(), name="api-bank-match"),
    path("bank/lines/<int:pk>/take-back/", api_bank.TakeBackLine.as_view(), name="api-bank-take-back"),
    path("bank/lines/<int:pk>/set-aside/", api_bank.AsideLine.as_view(), name="api-bank-set-aside"),
    path("bank/lines/<int:pk>/take-up/", api_bank.TakeUpLine.as_view(), name="api-bank-take-up"),
    path("reminders/", api_reminders.Reminders.as_view(), name="api-reminders"),
    path("reminders/holds/", api_reminders.Holds.as_view(), name="api-reminder-holds"),
    path("invoices/<slug:number>/pay/", api_online.PayInvoice.as_view(), name="api-invoice-pay"),
    path("online-payments/<int:pk>/refund/", api_online.RefundPayment.as_view(), name="api-online-refund"),
]
