"""Forms over documents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from knowledge.differences import RecommendationChange
from knowledge.fragments import SECONDS
from knowledge.models import DeclaredChange, Document, EducationEntry, Feedback, Reading, Recommendation
from knowledge.services.declaring import LONGEST as LONGEST_SENTENCE
from knowledge.services.declaring import Declared
from knowledge.services.education import LONGEST_QUESTION, LONGEST_TEXT, Learned
from knowledge.services.feedback import LONGEST as LONGEST_COMMENT
from knowledge.services.lists import LONGEST_NAME
from knowledge.services.notes import LONGEST
from knowledge.services.overlays import LONGEST as LONGEST_OVERLAY
from knowledge.services.verifying import LONGEST_REMARK, MOST_DAYS
from portal.members.models import Organization, Person, Role

RECENT = 15


class NoteForm(forms.Form):
    """A note beside a document; ``is_saved`` says that one is kept, ``is_waiting`` that this text is not yet.

    ``seconds``: how long its field may be kept as it is drawn, 0 where it holds anything of the reader's.
    """

    note = forms.CharField(
        label="My note",
        help_text="Only you see it. Write nothing that identifies a patient.",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, is_saved: bool = False, is_waiting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_saved, self.is_waiting = is_saved, is_waiting
        self.seconds = 0 if is_saved or is_waiting or self.is_bound else SECONDS


class OverlayForm(forms.Form):
    """A note of an organization; which one is asked of people who write for several, and only for a new note."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), to_field_name="slug", empty_label=None, label="For which organization"
    )
    text = forms.CharField(
        label="Note",
        help_text="Your formulary, a telephone number, a local threshold. Telephone numbers and addresses of pages "
        "become links; *emphasis*, **strong** and lists work. Nothing that identifies a patient.",
        max_length=LONGEST_OVERLAY,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write what your people should know."},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Person, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organization.objects.filter(pk__in=person.actor.annotates)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]
        self.only = places.first() if len(person.actor.annotates) == 1 else None
        if self.only or not is_new:
            del self.fields["organization"]
        if is_new:
            del self.fields["version"]

    @property
    def chosen(self) -> Organization:
        """The organization the note is of."""
        found = self.only or self.cleaned_data["organization"]
        assert isinstance(found, Organization)
        return found


class FeedbackForm(forms.Form):
    """Whether a revision answered the reader's question, and why not."""

    answer = forms.ChoiceField(
        choices=Feedback.Answer.choices,
        widget=forms.RadioSelect,
        label="Was your question answered?",
        error_messages={"required": "Choose yes, partly or no.", "invalid_choice": "Choose yes, partly or no."},
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose what was missing"), *Feedback.Reason.choices],
        required=False,
        label="What was missing?",
        help_text="For partly and no.",
        error_messages={"invalid_choice": "Choose what was missing."},
    )
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        label="Comment to the editors",
        help_text="They see your name, because they reply to you, and nothing of your organization. Write nothing that "
        "identifies a patient. For a question of care, ask a specialist.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    revision = forms.IntegerField(required=False, min_value=1, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="feedback_%s")

    def clean(self) -> None:
        values = self.cleaned_data
        if values.get("answer") in ("partly", "no") and not values.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choose what was missing.")


class ReplyForm(forms.Form):
    """What an editor writes back to a reader."""

    text = forms.CharField(
        label="Your reply",
        max_length=LONGEST_COMMENT,
        help_text="The reader is told, and reads it at the foot of the document.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write what the reader should know."},
    )


class PublishForm(forms.Form):
    """What an editor says before a revision is published: what each change means, and when."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    when = forms.ChoiceField(
        label="When",
        choices=(("now", "Now"), ("at", "On a date")),
        initial="now",
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label="Date and time",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, changes: Sequence[RecommendationChange], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = changes
        for number, change in enumerate(changes, 1):
            which = f"Recommendation {number}" if len(changes) > 1 else "The recommendation"
            self.fields[f"significance-{change.key}"] = forms.ChoiceField(
                label=f"{which}: what does this change mean?",
                choices=DeclaredChange.Significance.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose one."},
            )
            self.fields[f"sentence-{change.key}"] = forms.CharField(
                label=f"{which}: what is different, in one sentence",
                help_text="Needed where practice changes. Whoever relied on it reads this sentence first.",
                required=False,
                max_length=LONGEST_SENTENCE,
            )
        self.fields["at"].help_text = f"In your time zone, {timezone.get_current_timezone_name()}."
        self.order_fields([name for name in self.fields if name not in ("when", "at")])

    @property
    def parts(self) -> list[tuple[RecommendationChange, forms.BoundField, forms.BoundField]]:
        """Each change with its two fields."""
        return [(change, self[f"significance-{change.key}"], self[f"sentence-{change.key}"]) for change in self.changes]

    @property
    def declared(self) -> list[Declared]:
        data = self.cleaned_data
        return [Declared(c.key, data[f"significance-{c.key}"], data[f"sentence-{c.key}"]) for c in self.changes]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for change in self.changes:
            practice = data.get(f"significance-{change.key}") == DeclaredChange.Significance.PRACTICE
            if practice and not data.get(f"sentence-{change.key}", "").strip() and not self._is_wrong(change.key):
                self.add_error(f"sentence-{change.key}", "Say in one sentence what is different.")
        if data.get("when") == "at" and not data.get("at") and "at" not in self.errors:
            self.add_error("at", "Give the date and time.")
        return data

    def _is_wrong(self, key: str) -> bool:
        return f"sentence-{key}" in self.errors


class SendBackForm(forms.Form):
    """Why a revision goes back to its author."""

    reason = forms.CharField(
        label="Why, for its author",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, for its author."},
    )


class RetireForm(forms.Form):
    """Why a document is retired."""

    because = forms.CharField(
        label="Why, in a sentence for the reader", required=False, max_length=300, help_text="Shown above the document."
    )


class VerifyForm(forms.Form):
    """Recommendations that were found still right."""

    keys = forms.MultipleChoiceField(
        label="These still hold",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one recommendation."},
    )
    verified_on = forms.DateField(
        label="Looked at on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    due_on = forms.DateField(label="Due again on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    remark = forms.CharField(
        label="What was looked at",
        required=False,
        max_length=LONGEST_REMARK,
        help_text="A guideline's new edition, a trial, a search. Kept with the record.",
    )

    def __init__(self, *args: Any, recommendations: Iterable[Recommendation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["keys"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.key, row.text) for row in recommendations]


class SettingsForm(forms.Form):
    """Who looks after a document, and whether it withdraws itself."""

    owner = forms.ModelChoiceField(
        Person.objects.none(),
        label="Owner",
        required=False,
        empty_label="Nobody: all editors are told",
        help_text="Told 30 and 7 days before something falls due, and when it is overdue.",
    )
    withdraw_after_days = forms.IntegerField(
        label="Withdraws itself when overdue by so many days",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="Leave it empty for never. It is then retired, and everyone who relied on it is told.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        names = (Role.Name.EDITOR, Role.Name.SPECIALIST, Role.Name.SECTION_LEAD)
        held = Role.objects.filter(name__in=names).values("person")
        field.queryset = Person.objects.able_to_sign_in().filter(pk__in=held)


class ListForm(forms.Form):
    """The name of a list."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Name of the list", widget=forms.TextInput)


class TitlesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # not subscriptable at run time
    """Documents to tick, by their titles."""

    def label_from_instance(self, obj: Document) -> str:
        return obj.current_revision.title if obj.current_revision else obj.slug


class EducationForm(forms.Form):
    """One entry of the record of learning; ``offered`` are the documents to choose from."""

    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    question = forms.CharField(
        max_length=LONGEST_QUESTION,
        label="What did you want to know?",
        help_text="One question, in general terms. Nothing that identifies a patient.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    documents = TitlesField(
        Document.objects.none(),
        to_field_name="slug",
        label="What did you consult?",
        help_text="The documents you read last are offered here.",
        widget=forms.CheckboxSelectMultiple,
    )
    effect = forms.ChoiceField(
        choices=[("", "Choose what came of it"), *EducationEntry.Effect.choices], label="Effect on your practice"
    )
    effect_text = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label="In your own words", widget=forms.Textarea(attrs={"rows": 4})
    )
    attested = forms.BooleanField(required=False, label="I have checked: nothing in this text identifies a patient.")

    def __init__(self, *args: Any, person: Person, chosen: "list[str] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = set(chosen or []) | set(self.data.getlist("documents") if isinstance(self.data, QueryDict) else [])
        recent = Reading.objects.listed(person).order_by("-at").values_list("document", flat=True)[:RECENT]
        visible = Document.objects.visible_to(person).exclude(current_revision=None).select_related("current_revision")
        field = self.fields["documents"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = visible.filter(pk__in=list(recent)) | visible.filter(slug__in=slugs)

    def learned(self) -> Learned:
        """The cleaned values, for the services."""
        values = self.cleaned_data
        return Learned(
            on=values["on"],
            question=values["question"],
            documents=list(values["documents"]),
            effect=values["effect"],
            effect_text=values["effect_text"],
            attested=values["attested"],
        )


def today() -> str:
    """Today in the reader's zone, as a date field takes it."""
    return timezone.localdate().isoformat()
