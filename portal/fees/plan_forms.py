"""The form of a plan's version: prices of a year, bands of clinicians, what is included."""

from typing import Any

from django import forms

from portal.fees.forms import MoneyField, PercentField
from portal.fees.models import PlanVersion
from portal.fees.money import CURRENCIES
from portal.fees.pricing import Usage
from portal.members.models import Organization

BANDS = 4


class VersionForm(forms.Form):
    """What one version of a plan costs and includes. Bands are written from the smallest; empty ones are left out."""

    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES])
    facility_cents = MoneyField(label="For each facility")
    any_cents = MoneyField(label="For any number of clinicians above the bands")
    included_consults = forms.IntegerField(min_value=0, initial=0, label="Consults included in a year")
    included_calls = forms.IntegerField(min_value=0, initial=0, label="Calls included in a year")
    included_hours = forms.DecimalField(
        min_value=0, max_digits=8, decimal_places=2, initial=0, label="Consulting hours included in a year"
    )
    consult_cents = MoneyField(label="Each consult beyond")
    call_cents = MoneyField(label="Each call beyond")
    hour_cents = MoneyField(label="Each consulting hour beyond")
    discount_points = PercentField(label="Discount on dues, in percent", initial=0)
    tax_name = forms.CharField(max_length=40, required=False, label="Name of the tax")
    tax_points = PercentField(label="Tax, in percent", initial=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for tier, label in Organization.Tier.choices:
            self.fields[f"dues_{tier}"] = MoneyField(label=f"Dues of a year: {label.lower()}")
        for row in range(BANDS):
            self.fields[f"band_{row}"] = forms.IntegerField(
                required=False, min_value=1, label=f"Band {row + 1}: up to so many clinicians"
            )
            self.fields[f"band_{row}_cents"] = MoneyField(required=False, label=f"Band {row + 1}: price of a year")
        dues = [f"dues_{tier}" for tier in Organization.Tier.values]
        bands = [name for row in range(BANDS) for name in (f"band_{row}", f"band_{row}_cents")]
        self.order_fields(["name", "currency", *dues, "facility_cents", *bands, "any_cents"])

    def clean(self) -> None:
        for row in range(BANDS):
            size, cents = self.cleaned_data.get(f"band_{row}"), self.cleaned_data.get(f"band_{row}_cents")
            if (size is None) != (cents is None) and not self.errors:
                self.add_error(f"band_{row}_cents", "Give both a number of clinicians and a price, or neither.")

    @property
    def values(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = self.cleaned_data
        sizes = [(cleaned[f"band_{row}"], cleaned[f"band_{row}_cents"]) for row in range(BANDS)]
        same = ("currency", "facility_cents", "consult_cents", "call_cents", "hour_cents", "discount_points")
        return {
            **{name: cleaned[name] for name in (*same, "tax_name", "tax_points")},
            "dues": {tier: cleaned[f"dues_{tier}"] for tier in Organization.Tier.values},
            "bands": [*(band for band in sizes if band[0] is not None), (None, cleaned["any_cents"])],
            "included": Usage(cleaned["included_consults"], cleaned["included_calls"], cleaned["included_hours"]),
        }

    @staticmethod
    def of(version: PlanVersion) -> dict[str, Any]:
        """The first values of a version that follows this one."""
        names = ("currency", "facility_cents", "included_consults", "included_calls", "included_hours")
        more = ("consult_cents", "call_cents", "hour_cents", "discount_points", "tax_name", "tax_points")
        found = {name: getattr(version, name) for name in (*names, *more)}
        found |= {f"dues_{tier}": cents for tier, cents in version.dues.items()}
        for row, (size, cents) in enumerate(version.bands[:-1]):
            found |= {f"band_{row}": size, f"band_{row}_cents": cents}
        return found | {"any_cents": version.bands[-1][1]}


class PlanForm(VersionForm):
    """A new plan."""

    name = forms.CharField(max_length=80)
