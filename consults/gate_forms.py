"""The form on which a section says what it asks of a question."""

from typing import Any

from django import forms

from consults import gate
from consults.models import GateVersion


class GateForm(forms.Form):
    """Three small questions for each field: needed or not, how much, and why it matters; and the patient's consent."""

    consent = forms.ChoiceField(
        choices=list(gate.CONSENTS.items()),
        label="The patient's consent",
        help_text="Where answers are billed, the clinician says that the patient agreed. It is kept with the question.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, one in gate.FIELDS.items():
            choices = [(need, label) for need, label in gate.NEEDS.items() if need in one.needs]
            self.fields[f"{name}_need"] = forms.ChoiceField(choices=choices, label=f"{one.label}: needed?")
            if one.counts:
                self.fields[f"{name}_least"] = forms.IntegerField(
                    min_value=0,
                    max_value=gate.LONGEST_LEAST,
                    required=False,
                    label=f"{one.label}: least characters",
                )
            self.fields[f"{name}_why"] = forms.CharField(
                max_length=gate.LONGEST_WHY,
                required=False,
                label=f"{one.label}: why it matters",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def parts(self) -> list[dict[str, Any]]:
        """The fields in groups, as the page lays them out."""
        return [
            {
                "label": one.label,
                "need": self[f"{name}_need"],
                "least": self[f"{name}_least"] if one.counts else None,
                "why": self[f"{name}_why"],
            }
            for name, one in gate.FIELDS.items()
        ]

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        said = self.cleaned_data
        rules = {
            name: gate.Rule(said[f"{name}_need"], said.get(f"{name}_least") or 0, " ".join(said[f"{name}_why"].split()))
            for name in gate.FIELDS
        }
        return {"rules": rules, "consent": said["consent"]}

    @staticmethod
    def of(version: GateVersion | None) -> dict[str, Any]:
        """What the form holds for a gate as it stands."""
        present = version.gate if version else gate.NETWORK
        initial: dict[str, Any] = {"consent": present.consent}
        for name in gate.FIELDS:
            rule = present.rule(name)
            initial |= {f"{name}_need": rule.need, f"{name}_least": rule.least, f"{name}_why": rule.why}
        return initial
