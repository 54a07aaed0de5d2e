"""Bank files in the words of tests: CSV rows, camt.053 of both versions, and the way they come in."""

from datetime import date, datetime

from portal.fees.bankcsv import Layout
from portal.fees.models import BankFile, BankLine
from portal.fees.services import bank_reading
from tests.cast import Cast
from tests.portal.fees.helpers import NOON

HEADER = "Day,Amount,Payer,IBAN,Text,Reference"
LAYOUT = Layout("Day", "%Y-%m-%d", ".", amount="Amount", payer="Payer", iban="IBAN", text="Text", reference="Reference")


def row(amount: str, text: str = "", *, day: str = "2026-01-01", payer: str = "", iban: str = "", ref: str = "") -> str:
    return ",".join([day, amount, payer, iban, text, ref])


def csv_of(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def brought(cast: Cast, content: bytes, *, name: str = "bank.csv", at: datetime = NOON) -> BankFile:
    """The file, read, with the usual columns said where nobody had."""
    file, _ = bank_reading.bring(by=cast.network_admin, name=name, content=content, at=at)
    if file.state == BankFile.State.COLUMNS:
        file = bank_reading.say_columns(file, by=cast.network_admin, layout=LAYOUT, at=at)
    return file


def lines(file: BankFile) -> list[BankLine]:
    return list(BankLine.objects.filter(file=file).order_by("line"))


def entry(
    amount: str,
    *,
    way: str = "CRDT",
    day: date = date(2026, 1, 1),
    text: str = "",
    payer: str = "",
    iban: str = "",
    ref: str = "",
    version: str = "02",
    more: str = "",
    extra: str = "",
) -> str:
    """One entry with one detail."""
    party = "Dbtr" if way == "CRDT" or "RvslInd" in more else "Cdtr"
    name = f"<Nm>{payer}</Nm>" if version == "02" else f"<Pty><Nm>{payer}</Nm></Pty>"
    status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
    parties = f"<{party}>{name}</{party}><{party}Acct><Id><IBAN>{iban}</IBAN></Id></{party}Acct>"
    return f"""<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}{status}
      <BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef><NtryDtls><TxDtls>
      <Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
      <RltdPties>{parties}</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf>{extra}</TxDtls></NtryDtls></Ntry>"""


def camt_of(*entries: str, version: str = "02") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><IBAN>GB33BUKB20201555555555</IBAN></Id></Acct>{"".join(entries)}</Stmt>
</BkToCstmrStmt></Document>""".encode()
