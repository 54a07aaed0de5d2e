"""What a draft holds while it is typed: content.py its values, joining.py how two people's values meet."""

from knowledge.drafts.content import DraftContent, DraftRow, FieldProblem, new_key
from knowledge.drafts.joining import Joined, Spot, join

__all__ = ["DraftContent", "DraftRow", "FieldProblem", "Joined", "Spot", "join", "new_key"]
