"""Addresses of bank files, reminders and payments online."""

from django.urls import path

from portal.fees.views import bank, bank_lines, online, reminders

urlpatterns = [
    path("bank/", bank.files, name="bank-files"),
    path("bank/example.csv", bank.example, name="bank-example"),
    path("bank/files/<int:pk>/", bank.file, name="bank-file"),
    path("bank/files/<int:pk>/confirm/", bank.confirm, name="bank-confirm"),
    path("bank/files/<int:pk>/match/", bank.match, name="bank-match"),
    path("bank/lines/", bank_lines.lines, name="bank-lines"),
    path("bank/lines/<int:pk>/", bank_lines.line, name="bank-line"),
    path("bank/lines/<int:pk>/take-back/", bank_lines.take_back, name="bank-take-back"),
    path("bank/lines/<int:pk>/set-aside/", bank_lines.set_aside, name="bank-set-aside"),
    path("bank/lines/<int:pk>/take-up/", bank_lines.take_up, name="bank-take-up"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/<int:pk>/letter/", reminders.letter, name="reminder-letter"),
    path("reminders/correspondence/<int:pk>/", reminders.correspondence, name="correspondence"),
    path("invoices/<int:pk>/hold/", reminders.hold, name="invoice-hold"),
    path("invoices/<int:pk>/pay/", online.pay, name="invoice-pay"),
    path("online-payments/", online.online, name="online-payments"),
    path("online-payments/<int:pk>/refund/", online.refund, name="online-refund"),
    path("provider/webhook/", online.webhook, name="provider-webhook"),
]
