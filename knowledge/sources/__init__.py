"""Documents as files: Markdown with front matter, and JSON Lines. Reading them says all that is wrong at once."""

from knowledge.sources.document import Problem, SourceDocument, SourceFile, SourceRecommendation, SourceReference
from knowledge.sources.loading import load
from knowledge.sources.stored import stored
from knowledge.sources.writing import markdown

__all__ = [
    "Problem",
    "SourceDocument",
    "SourceFile",
    "SourceRecommendation",
    "SourceReference",
    "load",
    "markdown",
    "stored",
]
