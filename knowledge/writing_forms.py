"""The editor's form. It carries what is typed, whole or half; what is wrong with it, the importer's checks say."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from knowledge.drafts import DraftContent, DraftRow, FieldProblem, new_key
from knowledge.drafts.content import RECOMMENDATION, REFERENCE
from knowledge.merging import Choice
from knowledge.models import Document, Recommendation

Data = MultiValueDict[str, str]
_ROW = re.compile(r"(recommendation|reference)-(\d{1,3})-key")
_NOT_SAID = [("", "Not said")]


def _text(label: str, rows: int = 0, **attrs: Any) -> forms.CharField:
    """A field that takes anything, as one line or several."""
    help_text = attrs.pop("help", "")
    widget: forms.Widget = forms.Textarea(attrs={"rows": rows, **attrs}) if rows else forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, required=False, strip=False, widget=widget, help_text=help_text)


def _date(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _choice(label: str, choices: Sequence[tuple[str, str]]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=[*_NOT_SAID, *choices]))


class RecommendationForm(forms.Form):
    """One recommendation; its key stays, whatever becomes of its words."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    text = _text("What to do", 2)
    strength = _choice("Strength", Recommendation.Strength.choices)
    grade = _choice("Certainty of the evidence", Recommendation.Grade.choices)
    evidence = _text("What it rests on", 2)
    verified_on = _date("Verified on")
    verified_by = _text("Verified by")
    due_on = _date("Due again on")


class ReferenceForm(forms.Form):
    """One source."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    citation = _text("Citation", 2)
    year = _text("Year", inputmode="numeric", size=6)
    identifier = _text("DOI or PubMed", placeholder="doi:10.1000/182 or pmid:12345678")
    url = _text("Address", inputmode="url", placeholder="https://")


class DraftForm(forms.Form):
    """All of a draft. Bound to what was typed; nothing is required of it to be kept."""

    title = _text("Title")
    summary = _text("Summary", 3, help="Two or three sentences that stand alone: readers see them first.")
    body = _text("Text", 18)
    keywords = _text("Key words", 3, help="One a line: what people type who look for this.")
    source = _text("Source", help="Where it comes from, in one line.")
    review_due = _date("Review due")
    calculator = _text("Items and bands", 14, help="YAML: name, result, items with points or choices, and bands.")

    def __init__(self, data: Data, *, document: Document) -> None:
        super().__init__(data)
        self.document = document
        if document.tool_type != Document.ToolType.CALCULATOR:
            del self.fields["calculator"]
        self.recommendations = [RecommendationForm(data, prefix=prefix) for prefix in _rows(data, "recommendation")]
        self.references = [ReferenceForm(data, prefix=prefix) for prefix in _rows(data, "reference")]
        for form in (self, *self.recommendations, *self.references):
            form.is_valid()

    @classmethod
    def of(cls, content: DraftContent, *, document: Document) -> "DraftForm":
        """The form as it stands when this was typed."""
        return cls(typed(content), document=document)

    def content(self) -> DraftContent:
        """What was typed."""
        data: Data = self.data  # type: ignore[assignment]  # always given as one
        return DraftContent(
            **{name: str(self.cleaned_data.get(name) or "") for name in _TEXTS},
            specialties=tuple(data.getlist("specialties")),
            codes=tuple(code.upper() for code in data.getlist("icd10")),
            keywords=tuple(str(self.cleaned_data.get("keywords") or "").splitlines()),
            recommendations=tuple(_row(form, RECOMMENDATION) for form in self.recommendations),
            references=tuple(_row(form, REFERENCE) for form in self.references),
        ).tidied()

    def mark(self, problems: Sequence[FieldProblem]) -> list[tuple[str, str, str]]:
        """Put each problem at its field. They as (anchor, where, what), in the form's order."""
        rows: dict[str, list[forms.Form]] = {
            "recommendations": [*self.recommendations],
            "references": [*self.references],
        }
        listed = []
        for problem in problems:
            if problem.row is not None:
                form: forms.Form = rows[problem.field][problem.row]
                part = problem.part if problem.part in form.fields else "key"
                form.add_error(None if part == "key" else part, problem.text)
                label = f"{problem.field.title()[:-1]} {problem.row + 1}"
                label = f"{label}, {str(form.fields[part].label).lower()}" if part != "key" else label
                listed.append((f"id_{form.prefix}-{part}", label, problem.text))
            elif problem.field in self.fields:
                self.add_error(problem.field, problem.text)
                listed.append((f"id_{problem.field}", str(self.fields[problem.field].label), problem.text))
            else:
                label = {"codes": "ICD-10-CM codes"}.get(problem.field, problem.field.replace("_", " ").title())
                listed.append((f"field-{problem.field}", label, problem.text))
        return listed


class NewDocumentForm(forms.Form):
    """What a document must have before it can be written."""

    title = forms.CharField(label="Title", max_length=300)
    kind = forms.ChoiceField(label="Kind", choices=Document.Kind.choices, initial=Document.Kind.TOPIC)
    tool_type = forms.ChoiceField(
        label="Of a tool, its type", choices=[("", "None"), *Document.ToolType.choices], required=False
    )
    slug = forms.CharField(
        label="Identifier",
        max_length=100,
        required=False,
        help_text="Stands in its address for good, such as oxygen-adult. Left empty, it is made from the title.",
    )


class WordForm(forms.Form):
    """A Word file to begin from."""

    file = forms.FileField(
        label="Word file (.docx)",
        help_text="Headings, lists, tables and links come along; pictures are attached afterwards.",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )


_TEXTS = ("title", "summary", "body", "source", "review_due", "calculator")


def typed(content: DraftContent) -> Data:
    """The content as a browser would post it."""
    data: Data = MultiValueDict({name: [getattr(content, name)] for name in _TEXTS})
    data["keywords"] = "\n".join(content.keywords)
    data.setlist("specialties", list(content.specialties))
    data.setlist("icd10", list(content.codes))
    for name, rows in (("recommendation", content.recommendations), ("reference", content.references)):
        for place, row in enumerate(rows):
            for part, value in (("key", row.key), *row.values.items()):
                data[f"{name}-{place}-{part}"] = value
    return data


def choices_of(data: Data) -> list[Choice]:
    """What was chosen of each clash, up to the first that was not."""
    return list(_choices(data))


def _rows(data: Data, name: str) -> list[str]:
    """The prefixes of the rows there are, in their order."""
    places = {int(found[2]) for key in data if (found := _ROW.fullmatch(key)) and found[1] == name}
    return [f"{name}-{place}" for place in sorted(places)]


def _choices(data: Data) -> Iterator[Choice]:
    place = 0
    while (value := data.get(f"choice-{place}")) in list(Choice):
        yield Choice(value)
        place += 1


def _row(form: forms.Form, parts: Sequence[str]) -> DraftRow:
    key = str(form.cleaned_data.get("key") or "") or new_key()
    return DraftRow(key, {part: str(form.cleaned_data.get(part) or "") for part in parts})
