"""camt.053, the statement of ISO 20022, in its versions .001.02 and .001.08. Pure.

Read with defusedxml: a file with a document type, and so with any entity of its own, is refused.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from portal.fees.bankcsv import LONGEST, MOST_LINES
from portal.fees.bankline import NO_REFERENCE, Bad, Movement, UnreadableFileError, cents_of

SPACES = {f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08")}


def statement(content: bytes) -> list[Movement | Bad]:
    """Every booked movement of every statement in the file, numbered as they come. Raises UnreadableFileError."""
    found = list(_movements(_root(content)))
    if len(found) > MOST_LINES:
        raise UnreadableFileError(f"The file has more than {MOST_LINES:,} movements. Take a shorter time.")
    return found


def _root(content: bytes) -> Element:
    if content.count(b"<") > MOST_LINES * 100:
        raise UnreadableFileError("The file has too many parts. Take a shorter time.")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableFileError("The file defines entities or a document type, which no bank's does.") from None
    except (ParseError, ValueError, LookupError):
        raise UnreadableFileError("The file is not well-formed XML.") from None
    space, _, name = root.tag.rpartition("}")
    if name != "Document" or space.removeprefix("{") not in SPACES:
        raise UnreadableFileError("The file is not a camt.053 statement of version 001.02 or 001.08.")
    _bare(root)
    return root


def _bare(root: Element) -> None:
    """Take the namespace, which has been looked at, off every name."""
    for part in root.iter():
        part.tag = part.tag.rpartition("}")[2]


def _movements(root: Element) -> Iterator[Movement | Bad]:
    number = 0
    for stmt in root.iterfind("BkToCstmrStmt/Stmt"):
        own = _text(stmt, "Acct/Id/IBAN") or _text(stmt, "Acct/Id/Othr/Id")
        for entry in stmt.iterfind("Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) not in ("BOOK", ""):
                continue  # pending: it comes again when it is booked
            parts: list[Element | None] = list(entry.iterfind("NtryDtls/TxDtls"))
            whole = len(parts) < 2
            for place, part in enumerate(parts or [None], start=1):
                number += 1
                try:
                    yield _movement(number, entry, part, own, None if whole else place)
                except ValueError as error:
                    yield Bad(number, str(error))


def _movement(number: int, entry: Element, part: Element | None, own: str, place: int | None) -> Movement:
    """An entry with its one detail, or one of the details of an entry that stands for several."""
    detail = entry if part is None else part
    amount = _amount(entry, part, place)
    way = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    if way not in ("CRDT", "DBIT"):
        raise ValueError("It says neither credit nor debit.")
    sign = 1 if way == "CRDT" else -1
    party = "Dbtr" if sign > 0 else "Cdtr"
    returned = _text(entry, "RvslInd") == "true" or detail.find("RtrInf") is not None
    if returned and sign < 0:
        party = "Dbtr"  # what is taken back is still about who had paid
    said = {
        "text": _remittance(detail) or _text(entry, "AddtlNtryInf"),
        "payer": _text(detail, f"RltdPties/{party}/Nm") or _text(detail, f"RltdPties/{party}/Pty/Nm"),
        "iban": _text(detail, f"RltdPties/{party}Acct/Id/IBAN") or _text(detail, f"RltdPties/{party}Acct/Id/Othr/Id"),
        "reference": _reference(entry, detail, place),
    }
    said = {name: text[: LONGEST[name]] for name, text in said.items()}
    return Movement(number, _day(entry), sign * amount[0], amount[1], **said, own=own[:34], returns=returned)


def _amount(entry: Element, part: Element | None, place: int | None) -> tuple[int, str]:
    found = entry.find("Amt")
    if place is not None and part is not None:
        own = part.find("Amt")
        found = own if own is not None else part.find("AmtDtls/TxAmt/Amt")
        if found is None:
            raise ValueError("It is one of several in an entry, and has no amount of its own.")
    if found is None:
        raise ValueError("It has no amount.")
    try:
        cents = cents_of(Decimal((found.text or "").strip()))
    except (InvalidOperation, ValueError):
        raise ValueError(f"“{(found.text or '')[:40]}” is not an amount in whole cents.") from None
    if cents <= 0:
        raise ValueError("The amount is nought or less.")
    currency = found.get("Ccy", "")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError("The amount has no currency.")
    return cents, currency


def _day(entry: Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"“{text[:20]}” is not a day.") from None


def _reference(entry: Element, detail: Element, place: int | None) -> str:
    """The bank's own; of one of several in an entry, its own, else the entry's with its place."""
    own = _text(detail, "Refs/AcctSvcrRef")
    if place is not None and own.upper() not in NO_REFERENCE:
        return own
    found = _text(entry, "AcctSvcrRef") or own
    if found.upper() in NO_REFERENCE:
        return ""
    return found if place is None else f"{found}/{place}"


def _remittance(detail: Element) -> str:
    """What the payer wrote, and the references that came with it."""
    rows = [part.text or "" for part in detail.iterfind("RmtInf/Ustrd")]
    for path in ("RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf"):
        rows += [part.text or "" for part in detail.iterfind(path)]
    end = _text(detail, "Refs/EndToEndId")
    rows += [end] if end.upper() not in NO_REFERENCE else []
    return " ".join(" ".join(rows).split())


def _text(part: Element, path: str) -> str:
    return " ".join((part.findtext(path) or "").split())
