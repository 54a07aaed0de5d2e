"""What a source file says, once it has been found right."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

_FILE = re.compile(r"\]\(attachment:([A-Za-z0-9][A-Za-z0-9._-]{0,99})\)")


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a source: the row (file, and line where rows are lines), the field, and the fix."""

    where: str
    field: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.field}: {self.fix}" if self.field else f"{self.where}: {self.fix}"


@dataclass(frozen=True)
class SourceRecommendation:
    key: str
    text: str
    strength: str
    grade: str
    verified_on: date | None
    verified_by: str
    due_on: date | None
    evidence: str = ""


@dataclass(frozen=True)
class SourceReference:
    citation: str
    year: int | None
    identifier: str
    url: str


@dataclass(frozen=True)
class SourceFile:
    """A picture or PDF that a text shows: ``path`` is where it lies beside its document, ``kept`` where on the site."""

    name: str
    content_type: str
    sha256: str
    path: Path | None = None
    kept: str = ""


@dataclass(frozen=True)
class SourceDocument:
    """One document as an import gives it; ``where`` is the row it came from."""

    where: str
    id: str
    kind: str
    tool_type: str
    title: str
    summary: str
    body: str
    specialties: tuple[str, ...]
    codes: tuple[str, ...]
    keywords: tuple[str, ...]
    recommendations: tuple[SourceRecommendation, ...]
    references: tuple[SourceReference, ...]
    review_due: date | None
    source: str
    calculator: dict[str, Any] | None
    retired_at: datetime | None = None
    retired_because: str = ""
    files: tuple[SourceFile, ...] = ()

    @property
    def file_names(self) -> list[str]:
        """The pictures and PDFs that the text names."""
        return list(dict.fromkeys(_FILE.findall(self.body)))

    @property
    def content_hash(self) -> str:
        """SHA-256 of everything said, so that a second import can tell what changed. Retiring says nothing new."""
        said = asdict(self)
        del said["where"], said["retired_at"], said["retired_because"], said["files"]
        if self.files:
            said["files"] = sorted((file.name, file.sha256) for file in self.files)
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
