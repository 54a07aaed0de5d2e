"""A list of people to invite, as comma-separated values: read, and judged line by line. Pure.

Every objection names the line of the file, the column, what stands there, and what to do about it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portal.members import npi

COLUMNS = ("email", "name", "role", "facility", "specialty", "npi")
NEEDED = ("email", "role")
OTHER_WORDS = {"e-mail": "email", "e-mail address": "email", "email address": "email", "mail": "email"}
MOST_LINES = 5000
MOST_BYTES = 2 * 1024 * 1024
ROLES = {"clinician": "clinician", "local editor": "local-editor"}
ROLES |= {"organization administrator": "organization-administrator", "administrator": "organization-administrator"}
NETWORK_ROLES = ("specialist", "section lead", "editor", "network administrator", "auditor")
EXAMPLE = (
    COLUMNS,
    ("ana.perez@example.org", "Dr Ana Perez", "clinician", "", "", ""),
    ("li.wei@example.org", "Dr Li Wei", "clinician", "", "", "1234567893"),
)


class Unreadable(Exception):
    """The list as a whole cannot be read; ``str()`` says why and what to do."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell."""

    column: str
    value: str
    words: str


@dataclass(frozen=True)
class Line:
    """One line as it stands in the file; ``cells`` by column, trimmed."""

    number: int
    cells: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Member:
    """Somebody of the organization who has the address already."""

    name: str
    is_active: bool
    roles: frozenset[str]


@dataclass(frozen=True)
class Known:
    """What the lines are judged by, as far as the person inviting may know it. Names in small letters."""

    facilities: Mapping[str, int]
    specialties: Mapping[str, int]
    may_give: frozenset[str]
    members: Mapping[str, Member] = field(default_factory=dict)
    invited: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Judged:
    """A line with what it means, where it means anything."""

    number: int
    email: str
    name: str
    role: str
    facility: int | None
    specialty: int | None
    npi: str
    problems: tuple[Problem, ...]


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else what older spreadsheets write (Windows-1252)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(text: str) -> list[Line]:
    """The lines below the header, empty ones left out; what stands in the file twice is said of the later one.

    Raises Unreadable for a list without the right header, without lines, or with too many.
    """
    text = text.lstrip("\ufeff")
    if "\0" in text:
        raise Unreadable("This is not a text file. Save the table as CSV and choose that file.")
    try:
        return _without_doubles(_lines(text))
    except csv.Error:
        raise Unreadable(
            "A quotation mark is not closed, or a cell is far too long. Save the table as CSV again."
        ) from None


def _lines(text: str) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header: list[str] | None = None
    lines: list[Line] = []
    before = 0
    for row in reader:
        number, before = before + 1, reader.line_num
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if header is None:
            header = _header(cells)
            continue
        if len(lines) == MOST_LINES:
            raise Unreadable(f"The list has more than {MOST_LINES:,} lines. Divide it into several.")
        lines.append(_line(number, header, cells))
    if header is None:
        raise Unreadable("The list is empty. Take the template and fill it in.")
    if not lines:
        raise Unreadable("There is nobody below the header. Add a line for each person.")
    return lines


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _header(cells: list[str]) -> list[str]:
    names = [OTHER_WORDS.get(cell.lower(), cell.lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    wanted = f"The first line names the columns: {', '.join(COLUMNS)}; only {' and '.join(NEEDED)} are needed."
    if missing := [name for name in NEEDED if name not in names]:
        raise Unreadable(f"The column {' and the column '.join(missing)} cannot be found in the first line. {wanted}")
    if strange := [name for name in names if name not in COLUMNS]:
        raise Unreadable(f"The column “{strange[0][:40]}” is not known. Rename it or take it out. {wanted}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise Unreadable(f"The column {twice[0]} is there twice. Take one of them out.")
    return names


def _line(number: int, header: list[str], cells: list[str]) -> Line:
    found = dict(zip(header, cells, strict=False))
    if any(cells[len(header) :]):
        words = f"This line has {len(cells)} cells and the header {len(header)}. Put quotation marks around a cell "
        return Line(number, found, (Problem("", "", f"{words}that holds a separator."),))
    return Line(number, found)


def _without_doubles(lines: list[Line]) -> list[Line]:
    first: dict[tuple[str, ...], tuple[int, str]] = {}
    return [Line(line.number, line.cells, line.problems + tuple(_doubles(line, first))) for line in lines]


def _doubles(line: Line, first: dict[tuple[str, ...], tuple[int, str]]) -> Iterator[Problem]:
    """``first`` holds, for what was met so far, its line and address."""
    email, number = line.cells.get("email", "").lower(), line.cells.get("npi", "")
    role = role_of(line.cells.get("role", ""))
    before, _ = first.setdefault(("email", email, role), (line.number, email))
    if email and before != line.number:
        yield Problem("email", email, f"This address has the same role in line {before}. Take one of the two out.")
    before, whose = first.setdefault(("npi", number), (line.number, email))
    if number and whose != email:
        yield Problem("npi", number, f"Line {before} has the same NPI for somebody else. Correct one of the two.")


def role_of(text: str) -> str:
    """The role a cell names, as kept; empty for none of an organization's."""
    return ROLES.get(" ".join(text.lower().replace("-", " ").split()), "")


def judge(lines: Iterable[Line], known: Known) -> list[Judged]:
    """Each line with everything that is wrong with it."""
    return [_judge(line, known) for line in lines]


def _judge(line: Line, known: Known) -> Judged:
    cells = line.cells
    email, number = cells.get("email", "").lower(), cells.get("npi", "")
    role = role_of(cells.get("role", ""))
    facility = known.facilities.get(cells.get("facility", "").lower())
    specialty = known.specialties.get(cells.get("specialty", "").lower())
    problems = [
        *line.problems,
        *_of_address(email, role, known),
        *_of_role(cells.get("role", ""), role, known),
        *_of_place("facility", cells.get("facility", ""), facility, known.facilities),
        *_of_place("specialty", cells.get("specialty", ""), specialty, known.specialties),
    ]
    if len(cells.get("name", "")) > 120:
        problems.append(Problem("name", cells["name"][:40], "A name has at most 120 characters. Shorten it."))
    if number and (words := npi.problem_of(number)):
        problems.append(Problem("npi", number[:20], words))
    name, kept = cells.get("name", "")[:120], number if number.isdigit() else ""
    return Judged(line.number, email[:254], name, role, facility, specialty, kept[:10], tuple(problems))


def _of_address(email: str, role: str, known: Known) -> Iterator[Problem]:
    if not email:
        yield Problem("email", "", "There is no e-mail address. Fill it in.")
        return
    try:
        validate_email(email)
    except ValidationError:
        yield Problem("email", email[:60], "This is no e-mail address. Write it as name@hospital.example.")
        return
    member = known.members.get(email)
    if member and not member.is_active:
        yield Problem("email", email, f"{member.name} has this address and is deactivated. Reactivate them instead.")
    elif member and role in member.roles:
        yield Problem("email", email, f"{member.name} has this role already. Take the line out.")
    elif (email, role) in known.invited:
        yield Problem("email", email, "An invitation to this address is open already. Take the line out.")


def _of_role(text: str, role: str, known: Known) -> Iterator[Problem]:
    mine = [name for name in sorted(set(ROLES.values())) if name in known.may_give]
    if not text:
        yield Problem("role", "", f"There is no role. Use {_or(mine)}.")
    elif not role and " ".join(text.lower().replace("-", " ").split()) in NETWORK_ROLES:
        words = "Only administrators of the network make network staff."
        yield Problem("role", text[:40], f"This role is beyond what you may give. {words} Use {_or(mine)}.")
    elif not role:
        yield Problem("role", text[:40], f"There is no such role. Use {_or(mine)}.")
    elif role not in known.may_give:
        yield Problem("role", text[:40], f"This role is beyond what you may give. Use {_or(mine)}.")


def _of_place(column: str, text: str, found: int | None, known: Mapping[str, int]) -> Iterator[Problem]:
    if text and found is None:
        has = "This organization has no facility" if column == "facility" else "The network has no specialty"
        names = "The page where lists are checked names them all." if known else "There is none yet."
        yield Problem(column, text[:60], f"{has} of this name. Correct it, or leave it empty. {names}")


def _or(names: list[str]) -> str:
    if len(names) < 2:
        return names[0] if names else "none: you may give no role here"
    return f"{', '.join(names[:-1])} or {names[-1]}"


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Rows as text that ``read`` takes."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
