"""What the walk of roles finds of fees and of an organization's own people: one of each thing of Prairie's."""

from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.urls import get_resolver
from django.utils import timezone

from portal.common import exporting
from portal.fees.models import Checkout, CreditNote, Invoice, ProviderMove, Reminder
from portal.fees.services import crediting, paying
from portal.members.exporting import AUDIT
from portal.members.models import Person, digest
from portal.members.models_domains import OrganizationDomain
from portal.members.models_house import Contact
from portal.members.models_roster import JoinRequest
from portal.members.models_sso import DirectoryGroup, IdentityProvider, ProvisioningToken
from portal.members.services.rosters import make_roster
from portal.members.trail import Asked
from tests.cast import Cast
from tests.portal.fees import bank
from tests.portal.fees.helpers import NOON, billed, drafted, paid, signed
from tests.portal.fees.renewals import an_offer
from tests.portal.members.applications import signed_paper, waiting

Named = dict[str, dict[str, object]]
LIST = "email,name,role\nnew.one@prairie.example,New One,clinician\n"


def named(*prefixes: str, **values: object) -> Named:
    """The same values for every address whose name is one of these, or begins with one and a hyphen."""
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    return {name: dict(values) for name in names for one in prefixes if name == one or name.startswith(f"{one}-")}


def of_fees(cast: Cast) -> Named:
    """A final invoice of Prairie with a payment, a credit note and a reminder, the draft of the next, a bank line."""
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    account = invoice.account
    payment = paid(cast, account, 100_00)
    credit = _credit(cast, invoice)
    draft = drafted(cast, agreement, 1)
    line = bank.lines(bank.brought(cast, bank.csv_of(bank.row("10.00", "something else", ref="b1"))))[0]
    reminder = Reminder.objects.create(
        account=account,
        invoice=invoice,
        level=1,
        since=date(2026, 3, 1),
        open_cents=1,
        language="en",
        paper="us-letter",
        sent_at=NOON,
        sent_to=[],
    )
    checkout = Checkout.objects.create(
        account=account, invoice=invoice, session="cs_1", cents=1, started_by=cast.admin_prairie, started_at=NOON
    )
    ProviderMove.objects.create(
        account=account, kind="paid", name="pi_1", intent="pi_1", payment=payment, at=checkout.started_at
    )
    allocation = payment.allocations.get()
    plan = agreement.terms.get().version.plan
    return {
        **named("invoice", "api-invoice", "api-fees-invoices", pk=invoice.pk),
        "api-invoice-pay": {"number": invoice.number},
        **named("invoice-finalize", "api-fees-invoices-finalize", pk=draft.pk),
        **named("payment", "api-payment", "api-fees-payments", "online-refund", "api-online-refund", pk=payment.pk),
        **named("credit-note", "api-credit-note", "api-fees-credit-notes", pk=credit.pk),
        **named("allocation", "api-fees-allocations", pk=allocation.pk),
        **named("fees-account", "fees-statement", "fees-standing", "api-fee", "api-fees-fee-accounts", pk=account.pk),
        **named("plan", "api-plan", "api-fees-plans", pk=plan.pk),
        **named("agreement", "api-agreement", "api-fees-agreements", "usage-one", "api-usage", pk=agreement.pk),
        **named("organization-agreements", "agreement-sign", slug="prairie"),
        **named("bank-file", "bank-confirm", "bank-match", "api-bank-file", pk=line.file_id),
        **named("bank-line", "bank-take", "bank-set", "api-bank-match", "api-bank-take", "api-bank-set", pk=line.pk),
        **named("reminder", pk=reminder.pk),
        **named("renewal", "api-renewal", "api-fees-renewals", pk=an_offer(cast, agreement).pk),
        **named("correspondence", pk=account.pk),
    }


def _credit(cast: Cast, invoice: Invoice) -> CreditNote:
    line = invoice.lines.order_by("position")[0]
    note = crediting.credit(invoice, by=cast.network_admin, parts={line.pk: 10_00}, reason="A mistake.", at=NOON)
    for allocation in note.allocations.all():
        paying.release(allocation, by=cast.network_admin, at=NOON)
    return note


def of_own_people(cast: Cast) -> Named:
    """A list of people to invite, somebody who asks to join, a domain, a provider and a directory, all of Prairie."""
    now = timezone.now()
    roster = make_roster(by=cast.admin_prairie, organization=cast.prairie, text=LIST, at=now)
    domain = OrganizationDomain.objects.create(organization=cast.prairie, domain="prairie.example")
    asked = JoinRequest.objects.create(
        organization=cast.prairie,
        email="asks@prairie.example",
        name="Asks One",
        digest=digest("asks"),
        expires_at=now + timedelta(days=1),
        proven_at=now,
    )
    provider = IdentityProvider.objects.create(
        organization=cast.prairie, kind="oidc", server_url="https://id.prairie.example", client_id="consilium"
    )
    token = ProvisioningToken.objects.create(
        organization=cast.prairie, name="Directory", digest=digest("scim"), hint="scim", created_by=cast.admin_prairie
    )
    group = DirectoryGroup.objects.create(organization=cast.prairie, name="Doctors")
    return {
        **named("roster", "api-roster", slug="prairie", pk=roster.pk),
        **named("rosters", "api-rosters", "house-rules", "api-house-rules", "joining", "api-joining", slug="prairie"),
        **named("domain", "api-domain", slug="prairie", pk=domain.pk),
        **named("domain-add", "api-domains", slug="prairie"),
        "domain-confirm": {"token": "secret"},
        **named("join-approve", "join-decline", "api-join-decide", slug="prairie", pk=asked.pk),
        "join-proof": {"secret": "secret"},
        **named("single-sign-on", "provisioning", "api-sign-in", "api-directory", slug="prairie"),
        **named("provisioning-revoke", "api-directory-token", slug="prairie", pk=token.pk),
        **named("provisioning-group", "api-directory-group", slug="prairie", pk=group.pk),
        **named("api-people", "api-organization", slug="prairie"),
        **named("openid_connect_callback", provider_id=provider.key),
        "scim-nothing": {"rest": "Nothing"},
        **named("saml_acs", "saml_finish_acs", "saml_metadata", "saml_sls", organization_slug=provider.key),
    }


def of_applications(cast: Cast) -> Named:
    """One that waits for the network; whose link nobody of those who walk has."""
    row = waiting()
    contact = Contact.objects.create(organization=cast.prairie, kind="billing", name="B", email="b@prairie.example")
    paper = signed_paper(cast)
    hospital = cast.prairie_hospital.pk
    return {
        **named("facility", "api-facility", slug="prairie", pk=hospital),
        **named("facility-add", "api-facilities", "contacts", "api-contacts", "signed", "api-signed", slug="prairie"),
        **named("contact", "api-contact", slug="prairie", pk=contact.pk),
        **named("signed-file", "signed-remove", "api-signed-file", slug="prairie", key=paper.key),
        **named("application", "api-application", pk=row.pk),
        "apply-state": {"token": "secret"},
        "api-apply-state": {"token": "secret"},
        **named("membership-end", "membership-reopen", "api-membership", slug="prairie"),
    }


def of_a_person(person: Person) -> Named:
    """What administrators keep of a person over REST."""
    return named("api-person", "person-facts", pk=person.pk)


def of_signing_in(person: Person) -> Named:
    """A passkey of somebody who does not walk, and the links of allauth's mails with a secret that nobody was given."""
    kept = {"name": "Key", "credential": {}}
    passkey = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=kept)
    return {
        **named("mfa_edit_webauthn", "mfa_remove_webauthn", pk=passkey.pk),
        "account_confirm_email": {"key": "secret"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "secret"},
    }


def of_files(cast: Cast) -> Named:
    """A file that Prairie's administrator asked for, made."""
    powers = sorted(cast.admin_prairie.actor.powers)
    row = exporting.ask(by=cast.admin_prairie, kind=AUDIT, form="csv", asked=Asked().as_json(), at=timezone.now())
    now = timezone.now()
    name = row.file.storage.save("exports/walked.csv", ContentFile(b"at\n"))
    found = type(row).objects.filter(pk=row.pk)
    found.update(done_at=now, expires_at=now + timedelta(days=1), file=name, powers=powers)
    return named("export", "api-export", key=row.key)
