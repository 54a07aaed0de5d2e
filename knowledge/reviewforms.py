"""Forms of reviews. They return cleaned values; services decide."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.utils import timezone

from knowledge.models import Review, Revision
from knowledge.services import eligible_reviewers
from knowledge.services.remarks import LONGEST, LONGEST_QUOTE
from knowledge.services.reviewing import LONGEST_REASON, Named
from portal.members.models import Person, Role

DUE = timedelta(days=7)
MORE = 1
"""Reviewers that may be named besides those needed."""


class People:
    """Those who may review a revision, read once for every field of a page that offers them."""

    def __init__(self, revision: Revision) -> None:
        held = Role.objects.filter(organization=None).select_related("specialty")
        people = eligible_reviewers(revision).prefetch_related(Prefetch("roles", held, to_attr="held"), "absences")
        self._people = {str(person.pk): person for person in people}

    def choices(self, empty: str) -> list[tuple[str, str]]:
        return [("", empty), *((pk, described(person)) for pk, person in self._people.items())]

    def person(self, pk: str) -> Person | None:
        return self._people.get(pk)

    def __len__(self) -> int:
        return len(self._people)


def described(person: Person) -> str:
    """The name, what the person is, and until when they are away: never two people who read the same."""
    roles = sorted({role.get_name_display().lower() for role in person.held})  # type: ignore[attr-defined]
    known = [word for word in roles if word in ("editor", "section lead", "specialist")]
    until = timezone.localtime(person.away_until) if person.away_until else None
    away = f", away until {until:%a} {until.day} {until:%b}" if until and person.is_away(timezone.now()) else ""
    return f"{person.name} ({', '.join(known)}{away})"


class NamedField(forms.ChoiceField):
    """A person out of `People`."""

    def __init__(self, people: People, *, empty: str, **options: Any) -> None:
        super().__init__(choices=people.choices(empty), **options)
        self._people = people

    def clean(self, value: Any) -> Any:
        return self._people.person(super().clean(value))


class SubmitForm(forms.Form):
    """Who reviews a draft, and by when."""

    due_on = forms.DateField(
        label="Review due",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="They are reminded two days before, on the day, and every third day after it.",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        people: People,
        needed: int,
        before: Iterable[Review] = (),
    ) -> None:
        """``before`` are the reviews of the last round, whose people are proposed again."""
        known = [review for review in before if people.person(str(review.reviewer_id))]
        self.pairs = range(1, max(needed + MORE, len(known)) + 1)
        initial: dict[str, Any] = {"due_on": timezone.localdate() + DUE}
        for number, review in enumerate(known, 1):
            initial |= {f"reviewer_{number}": review.reviewer_id, f"deputy_{number}": review.deputy_id or ""}
        super().__init__(data, initial=initial)
        for number in self.pairs:
            self.fields[f"reviewer_{number}"] = NamedField(
                people, empty="Choose a person", label=f"Reviewer {number}", required=number <= needed
            )
            self.fields[f"deputy_{number}"] = NamedField(
                people, empty="Nobody", label=f"Deputy of reviewer {number}", required=False
            )
        self.order_fields([*(name for pair in self.names() for name in pair), "due_on"])

    def names(self) -> list[tuple[str, str]]:
        return [(f"reviewer_{number}", f"deputy_{number}") for number in self.pairs]

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields by pairs, for the page."""
        return [(self[reviewer], self[deputy]) for reviewer, deputy in self.names()]

    def clean(self) -> None:
        for reviewer, deputy in self.names():
            if self.cleaned_data.get(deputy) and not self.cleaned_data.get(reviewer):
                self.add_error(reviewer, "Choose the reviewer whom the deputy stands in for.")

    def named(self) -> list[Named]:
        """The pairs that were filled in."""
        values = self.cleaned_data
        return [(values[reviewer], values[deputy]) for reviewer, deputy in self.names() if values.get(reviewer)]


class ReviewerForm(forms.Form):
    """One more reviewer, or another one for a review."""

    due_on = forms.DateField(label="Review due", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: People, place: str, review: Review | None = None
    ) -> None:
        due = review.due_on if review else timezone.localdate() + DUE
        initial: dict[str, Any] = {"due_on": due}
        if review:
            initial |= {"reviewer": review.reviewer_id, "deputy": review.deputy_id or ""}
        super().__init__(data, initial=initial, auto_id=f"{place}_%s")
        self.fields["reviewer"] = NamedField(people, empty="Choose a person", label="Reviewer")
        self.fields["deputy"] = NamedField(people, empty="Nobody", label="Deputy", required=False)
        self.order_fields(["reviewer", "deputy", "due_on"])


class DecideForm(forms.Form):
    """What the reviewer decides, and why."""

    decision = forms.ChoiceField(
        choices=[("approved", "I approve it"), ("changes", "I ask for changes")],
        widget=forms.RadioSelect,
        label="Your decision",
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Reason",
        help_text="Needed when you ask for changes. The author reads it.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="decide_%s")


class RemarkForm(forms.Form):
    """A remark on a place, or on words of it."""

    place = forms.ChoiceField(required=False, label="On", choices=[("", "The whole revision")])
    quote = forms.CharField(
        required=False,
        max_length=LONGEST_QUOTE,
        label="Words",
        help_text="As they stand there. Empty: the whole of it.",
    )
    text = forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}), label="Your remark")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        places: Iterable[tuple[str, str]],
        initial: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, auto_id="remark_%s", initial=initial)
        self.fields["place"].choices = [("", "The whole revision"), *places]  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """A reply to a remark."""

    text = forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), label="Your reply")

    def __init__(self, data: Mapping[str, Any] | None = None, *, remark: int) -> None:
        super().__init__(data, auto_id=f"reply_{remark}_%s")
