"""A plan's version in words, and two versions side by side."""

from dataclasses import dataclass

from portal.fees.models import PlanVersion
from portal.fees.money import in_words
from portal.members.models import Organization


@dataclass(frozen=True)
class Fact:
    """One thing a version says, beside what the other says of it."""

    name: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        return self.left != self.right


def compared(left: PlanVersion | None, right: PlanVersion) -> list[Fact]:
    """Every fact of either version; without a left one, only the right one's."""
    before = facts(left) if left else {}
    after = facts(right)
    names = [*after, *(name for name in before if name not in after)]
    return [Fact(name, before.get(name, "—"), after.get(name, "—")) for name in names]


def facts(version: PlanVersion) -> dict[str, str]:
    """What a version costs and includes, each fact by its name."""

    def money(cents: int) -> str:
        return in_words(cents, version.currency)

    found = {"Currency": version.currency}
    found |= {
        f"Dues of a year, {label.lower()}": money(version.dues[tier]) for tier, label in Organization.Tier.choices
    }
    found["Each facility"] = money(version.facility_cents)
    for up_to, cents in version.bands:
        found[f"Up to {up_to:,} clinicians" if up_to else "Any number of clinicians"] = money(cents)
    return found | {
        "Consults included": f"{version.included_consults:,}",
        "Calls included": f"{version.included_calls:,}",
        "Consulting hours included": f"{version.included_hours.normalize():f}",
        "Each consult beyond": money(version.consult_cents),
        "Each call beyond": money(version.call_cents),
        "Each consulting hour beyond": money(version.hour_cents),
        "Discount on dues": f"{version.discount_points / 100:g} %",
        "Tax": f"{version.tax_name or 'Tax'}, {version.tax_points / 100:g} %" if version.tax_points else "None",
    }
