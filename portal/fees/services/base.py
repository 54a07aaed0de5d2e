"""What every service of the fees begins and ends with."""

from portal.common import audit, words
from portal.common.refusals import Invalid, Refused
from portal.fees.models import Account
from portal.members.models import Organization, Person
from portal.members.policy import Action, Denied, can

LONGEST_REASON = 300


def require(by: Person | str) -> None:
    """Raise Refused for anyone but an administrator of the network. A name is the site itself, told by its provider."""
    if isinstance(by, str):
        return
    if isinstance(decision := can(by.actor, Action.KEEP_FEES), Denied):
        raise Refused(decision.reason)


def person(by: Person | str) -> Person | None:
    """Who did it, as a row keeps it: nobody, where it was the site itself."""
    return None if isinstance(by, str) else by


def account_of(organization: Organization, currency: str) -> Account:
    """The organization's account in this currency, made when it is first needed, locked until the transaction ends."""
    account, _ = Account.objects.get_or_create(organization=organization, currency=currency)
    return lock(account)


def lock(account: Account) -> Account:
    """The account's row, held until the transaction ends: nothing else is billed or paid on it meanwhile.

    Always locked before a series of numbers, so that two can never wait for each other.
    """
    rows = Account.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.get(pk=account.pk)


def reason_of(text: str) -> str:
    """The reason, trimmed. Raises Invalid when there is none, or too much."""
    return words.said(text, field="reason", most=LONGEST_REASON, empty="Give a reason: it stays on the record.")


def positive(cents: int, *, field: str = "cents") -> int:
    """The amount. Raises Invalid for nothing and less."""
    if cents <= 0:
        raise Invalid(**{field: "Give an amount above nought."})
    return cents


def record(account: Account, *, by: Person | str, action: str, kind: str, pk: int, **detail: str | int | None) -> None:
    """One audit event, of the account's organization."""
    audit.record(
        by=by,
        action=f"fees.{action}",
        object_type=kind,
        object_id=pk,
        organization_id=account.organization_id,
        **detail,
    )
