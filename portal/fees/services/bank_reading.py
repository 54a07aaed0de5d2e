"""A file of the bank becomes lines, each kept once. Nothing of the books is touched."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.common import audit, tenancy
from portal.common.hints import wake_on_commit
from portal.common.refusals import Conflict, Invalid
from portal.fees import bankcsv, camt
from portal.fees.bankline import Bad, Movement, UnreadableFileError, keyed
from portal.fees.models import BankFile, BankLayout, BankLine
from portal.fees.money import CURRENCIES
from portal.fees.services import base
from portal.fees.services.bank_matching import match_again
from portal.members.models import Person

LARGEST = 10 * 1024 * 1024
AT_ONCE = 100 * 1024
"""A smaller file is read in the request that brought it; a larger one by a worker."""

STEP = 1000
MOST_BAD = 500


@transaction.atomic
def bring(*, by: Person, name: str, content: bytes, at: datetime) -> tuple[BankFile, bool]:
    """Take a file in, and say whether it is new: the same one again is the row that is there.

    Raises Invalid for one that is empty, too large or cannot be read, Refused.
    """
    base.require(by)
    if not content.strip():
        raise Invalid(file="The file is empty.")
    if len(content) > LARGEST:
        raise Invalid(file=f"The file is larger than {LARGEST // 1024 // 1024} MB. Take a shorter time.")
    digest = hashlib.sha256(content).hexdigest()
    kind = BankFile.Kind.CAMT if _is_xml(content) else BankFile.Kind.CSV
    header = _header(content) if kind is BankFile.Kind.CSV else ""
    known = kind is BankFile.Kind.CAMT or BankLayout.objects.filter(header=header).exists()
    row, is_new = BankFile.objects.get_or_create(
        digest=digest,
        defaults={
            "name": name[-120:],
            "kind": kind,
            "state": BankFile.State.WAITING if known else BankFile.State.COLUMNS,
            "content": content,
            "header": header,
            "brought_by": by,
            "brought_at": at,
        },
    )
    if is_new:
        _record(by, "bring", row, kind=kind.value)
        if known:
            _begin(row)
    return row, is_new


@transaction.atomic
def say_columns(file: BankFile, *, by: Person, layout: bankcsv.Layout, at: datetime) -> BankFile:
    """Say which column of a CSV is what; remembered for every file with the same column names.

    Raises Invalid where they do not fit, Conflict when the file was read already, Refused.
    """
    base.require(by)
    row = BankFile.objects.select_for_update().get(pk=file.pk)
    if row.state != BankFile.State.COLUMNS:
        raise Conflict("This file has been read already.")
    found = table_of(row)
    try:
        bankcsv.check(found, layout)
    except ValueError as error:
        raise Invalid(layout=str(error)) from None
    if not any(isinstance(line, Movement) for line in bankcsv.read(found, layout)):
        first = next(iter(bankcsv.read(found, layout)), None)
        said = f" Line {first.line}: {first.what}" if isinstance(first, Bad) else ""
        raise Invalid(layout=f"Not one line can be read this way.{said}")
    BankLayout.objects.update_or_create(
        header=row.header, defaults={"columns": layout.as_json(), "made_by": by, "made_at": at}
    )
    _record(by, "columns", row)
    row.state = BankFile.State.WAITING
    row.save(update_fields=["state"])
    _begin(row)
    return row


@transaction.atomic
def suggest_again(file: BankFile, *, by: Person) -> int:
    """Work out the suggestions of a file's waiting lines anew. Says of how many. Raises Refused."""
    base.require(by)
    return match_again(BankLine.objects.filter(file=file).select_for_update(of=("self",)))


def table_of(file: BankFile) -> bankcsv.Table:
    """The columns and lines of a CSV that is not read yet."""
    return bankcsv.table(bytes(file.content or b""))


def layout_of(file: BankFile) -> bankcsv.Layout | None:
    """What is remembered of files with these column names."""
    row = BankLayout.objects.filter(header=file.header).first()
    return bankcsv.Layout.from_json(row.columns) if row else None


def read_waiting() -> int:
    """Read every file that waits, a thousand lines a transaction. Safe to run twice and at once."""
    with tenancy.everything():
        waiting = list(
            BankFile.objects.filter(state=BankFile.State.WAITING).order_by("pk").values_list("pk", flat=True)
        )
    for pk in waiting:
        read(pk)
    return len(waiting)


def read(pk: int) -> None:
    """Read one file to its end, from where an earlier worker stopped."""
    with tenancy.everything():
        file = BankFile.objects.get(pk=pk)
        layout = layout_of(file)
    if file.content is None:
        return
    try:
        found = list(_lines(file, layout))
    except UnreadableFileError as error:
        _fail(pk, str(error))
        return
    while _step(pk, found):
        pass


@transaction.atomic
def _step(pk: int, found: Sequence[tuple[str, Movement] | Bad]) -> bool:
    """Keep the next thousand lines; say whether there are more. Another worker's step is not done again."""
    with tenancy.everything():
        file = BankFile.objects.select_for_update().get(pk=pk)
        if file.state != BankFile.State.WAITING:
            return False
        part = found[file.done : file.done + STEP]
        BankLine.objects.bulk_create(
            [_row(file, *line) for line in part if not isinstance(line, Bad)], ignore_conflicts=True
        )
        file.bad = (file.bad + [[line.line, line.what] for line in part if isinstance(line, Bad)])[:MOST_BAD]
        file.total, file.done = len(found), file.done + len(part)
        if file.done >= len(found):
            file.state, file.content = BankFile.State.READY, None
            match_again(BankLine.objects.filter(file=file))
        file.save()
        return file.state == BankFile.State.WAITING


def _row(file: BankFile, key: str, line: Movement) -> BankLine:
    return BankLine(
        key=key,
        file=file,
        line=line.line,
        day=line.day,
        cents=line.cents,
        currency=line.currency,
        text=line.text,
        payer=line.payer,
        iban=line.iban,
        reference=line.reference,
        returns=line.returns,
    )


def _lines(file: BankFile, layout: bankcsv.Layout | None) -> Iterator[tuple[str, Movement] | Bad]:
    """In the file's order, each good one with its key."""
    content = bytes(file.content or b"")
    if file.kind == BankFile.Kind.CAMT:
        rows = camt.statement(content)
    else:
        if layout is None:
            raise UnreadableFileError("Nobody said which column is what.")
        rows = list(bankcsv.read(bankcsv.table(content), layout))
    rows = [_known_currency(row) for row in rows]
    keys = {row.line: key for key, row in keyed(row for row in rows if isinstance(row, Movement))}
    for row in rows:
        yield row if isinstance(row, Bad) else (keys[row.line], row)


def _known_currency(row: Movement | Bad) -> Movement | Bad:
    if isinstance(row, Movement) and row.currency not in CURRENCIES:
        return Bad(row.line, f"The network keeps no accounts in {row.currency}.")
    return row


def _begin(file: BankFile) -> None:
    if len(bytes(file.content or b"")) <= AT_ONCE:
        read(file.pk)
        file.refresh_from_db()
    else:
        wake_on_commit("portal.fees.tasks_bank.read_bank_files")


def _fail(pk: int, why: str) -> None:
    with tenancy.everything():
        BankFile.objects.filter(pk=pk, state=BankFile.State.WAITING).update(
            state=BankFile.State.FAILED, problem=why[:300], content=None
        )


def _is_xml(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or content[:2] in (b"\xff\xfe", b"\xfe\xff")


def _header(content: bytes) -> str:
    try:
        return bankcsv.table(content).header
    except UnreadableFileError as error:
        raise Invalid(file=str(error)) from None


def _record(by: Person, action: str, file: BankFile, **detail: str) -> None:
    said: dict[str, Any] = dict(detail)
    audit.record(by=by, action=f"fees.bank.{action}", object_type="bank file", object_id=file.pk, **said)
