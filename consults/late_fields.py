"""Fields that ask for what they offer where it is needed. For most forms that come back it is not."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.members.models import Specialty

Rows = Callable[[], "QuerySet[Any]"]


class _Late:
    """Puts off putting its queryset together until somebody chose something, or it is shown."""

    _rows: Rows | None = None
    _found: "QuerySet[Any] | None" = None
    widget: Any

    def offer(self, rows: Rows) -> None:
        """Offer these."""
        self._rows, self._found = rows, None
        self.widget.choices = lambda: self.choices  # type: ignore[attr-defined]

    @property
    def queryset(self) -> "QuerySet[Any] | None":
        if self._found is None and self._rows:
            self._found = self._rows()
        return self._found

    @queryset.setter
    def queryset(self, given: "QuerySet[Any] | None") -> None:
        self._rows, self._found = None, given


class LateChoiceField(_Late, forms.ModelChoiceField):  # type: ignore[type-arg] # not subscriptable at run time
    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, **options)


class DocumentsField(_Late, forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # the same
    """Documents by their identifiers; those the reader cannot see do not exist here."""

    widget = forms.MultipleHiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, to_field_name="slug", required=False, **options)

    def clean(self, value: Any) -> Any:
        return super().clean(value) if value else []


class SpecialtyField(LateChoiceField):
    """One of a few specialties that are at hand."""

    few: Sequence[Specialty] = ()

    def to_python(self, value: Any) -> Specialty | None:
        if value in self.empty_values:
            return None
        found = next((row for row in self.few if row.slug == value), None)
        if found is None:
            self.validate_no_null_characters(value)
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})
        return found

    def show(self, few: Sequence[Specialty]) -> None:
        """Offer these."""
        self.few = few
        self.choices = [("", self.empty_label), *((row.slug, row.name) for row in few)]
