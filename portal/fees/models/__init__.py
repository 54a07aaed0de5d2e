"""Plans, agreements, invoices, payments, and the books underneath."""

from portal.fees.models.accounts import Account
from portal.fees.models.agreements import Agreement, Terms, UsageRecord, stretches
from portal.fees.models.bank import BankFile, BankLayout, BankLine
from portal.fees.models.books import Book, Entry, Posting
from portal.fees.models.invoices import CreditLine, CreditNote, Invoice, InvoiceLine, Series
from portal.fees.models.payments import Allocation, Payment, Refund, WriteOff
from portal.fees.models.plans import Plan, PlanVersion
from portal.fees.models.provider import Checkout, ProviderEvent, ProviderMove
from portal.fees.models.reminders import Correspondence, Reminder
from portal.fees.models.renewals import Renewal, RenewalReminder
from portal.fees.models.standing import Extension, Hold, StandingRecord

__all__ = [
    "Account",
    "Agreement",
    "Allocation",
    "BankFile",
    "BankLayout",
    "BankLine",
    "Book",
    "Checkout",
    "Correspondence",
    "CreditLine",
    "CreditNote",
    "Entry",
    "Extension",
    "Hold",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "Plan",
    "PlanVersion",
    "Posting",
    "ProviderEvent",
    "ProviderMove",
    "Refund",
    "Reminder",
    "Renewal",
    "RenewalReminder",
    "Series",
    "StandingRecord",
    "Terms",
    "UsageRecord",
    "WriteOff",
    "stretches",
]
