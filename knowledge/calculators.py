"""Additive scores as forms: what is ticked is added up and read off the bands. Nothing is stored."""

from dataclasses import dataclass
from typing import Any

from django import forms

Calculator = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """The sum with its unit, and what it means."""

    points: int
    unit: str
    label: str
    text: str


class ScoreForm(forms.Form):
    """A check box for each item that carries points, a choice of one for each item with choices."""

    def __init__(self, calculator: Calculator, data: Any = None) -> None:
        super().__init__(data, prefix="score")
        self.calculator = calculator
        for item in calculator["items"]:
            self.fields[item["key"]] = _field(item)

    def score(self) -> Score | None:
        """The score of a form that was filled in completely; None otherwise."""
        if not self.is_bound or not self.is_valid():
            return None
        points = sum(_points(item, self.cleaned_data[item["key"]]) for item in self.calculator["items"])
        band = next(band for band in self.calculator["bands"] if band["from"] <= points <= band["to"])
        return Score(points, self.calculator["result"], band["label"], band["text"])


def _field(item: dict[str, Any]) -> forms.Field:
    if not item["choices"]:
        return forms.BooleanField(label=f"{item['label']} ({_words(item['points'])})", required=False)
    choices = [
        (str(place), f"{choice['label']} ({_words(choice['points'])})") for place, choice in enumerate(item["choices"])
    ]
    missing = {"required": f"{item['label']}: choose one."}
    return forms.ChoiceField(label=item["label"], choices=choices, widget=forms.RadioSelect, error_messages=missing)


def _points(item: dict[str, Any], answer: bool | str) -> int:
    if item["choices"]:
        return int(item["choices"][int(answer)]["points"])
    return int(item["points"]) if answer else 0


def _words(points: int) -> str:
    return f"{points:+d} point" if abs(points) == 1 else f"{points:+d} points" if points else "0"
