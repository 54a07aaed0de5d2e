"""Forms of the consult pages. They return cleaned values; services decide."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html

from consults import gate, languages, statements
from consults.colleagues import Colleagues, name_of, specialists
from consults.late_fields import DocumentsField, LateChoiceField, SpecialtyField
from consults.models import CloseOut, Consult
from consults.offered import offered
from consults.services.drafting import Content
from consults.services.promising import urgencies, urgencies_among
from consults.services.sending import answering_specialties
from knowledge.models import Document
from portal.members.models import Organization, Person, Role, Specialty


class TextField(forms.CharField):
    """Text whose line breaks count as one character, as a browser counts them; what is over the limit is kept."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


def _beside(person: Person) -> QuerySet[Person]:
    """The other clinicians of the person's organizations, by name."""
    mine = Role.objects.filter(organization__in=person.actor.clinician_in, name=Role.Name.CLINICIAN)
    beside = Person.objects.filter(is_active=True, pk__in=mine.values("person")).exclude(pk=person.pk)
    return beside.order_by("name")


class AskForm(forms.Form):
    """A question as it is written. Nothing is required here: a draft may be anything; sending checks it."""

    draft = forms.CharField(required=False, widget=forms.HiddenInput)
    organization = LateChoiceField(
        to_field_name="slug",
        required=False,
        label="For which organization do you ask?",
        empty_label=None,
    )
    question = TextField(
        required=False,
        max_length=300,
        label="What do you want to know, in one sentence?",
        help_text="One specific question. The specialist answers exactly this.",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    specialty = SpecialtyField(
        to_field_name="slug",
        required=False,
        label="Which specialty should answer?",
        help_text="It decides who sees your question.",
        empty_label="Choose a specialty",
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose what you want help with"), *Consult.Reason.choices],
        required=False,
        label="What is it about?",
    )
    urgency = forms.ChoiceField(
        required=False,
        label="How soon do you need it?",
        help_text="The button below says when you have the answer. For an emergency, call; do not write.",
        widget=forms.RadioSelect,
    )
    summary = TextField(
        required=False,
        max_length=20_000,
        label="What does the specialist need to know?",
        help_text="Age, sex, what was found and done, relevant results. No names, dates of birth or record numbers.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    results = TextField(
        required=False,
        max_length=20_000,
        label="Which results matter?",
        help_text="With units, and how old they are. Or attach them below.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    medicines = TextField(
        required=False,
        max_length=20_000,
        label="Which medicines and allergies matter?",
        help_text="With doses.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tried = TextField(
        required=False,
        max_length=20_000,
        label="What have you read or tried?",
        help_text="In a few words, or tick what you have read below.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    documents = DocumentsField(label="Documents you have read")
    assignee = LateChoiceField(
        to_field_name="email",
        required=False,
        label="A specialist you would like to ask",
        help_text="Leave it open for the quickest answer: the question goes to everyone in the specialty.",
        empty_label="Whoever is free first",
    )
    language = forms.ChoiceField(
        choices=languages.ANY,
        required=False,
        label="In which language do you want the answer?",
        help_text="A language is answered by those who speak it: it may take longer. We remember your choice.",
    )
    behalf = LateChoiceField(
        required=False,
        label="For a colleague?",
        help_text="They read the question and its answer, and are told. The record says who wrote it and for whom.",
        empty_label="No, for myself",
    )
    consented = forms.BooleanField(required=False, label=statements.sentence(statements.CONSENT)[1])
    attested = forms.BooleanField(required=False, label=statements.sentence(statements.ATTESTATION)[1])

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        slug = str(self["specialty"].value() or "").replace("\x00", "")
        found = offered(slug)
        self.offered, self.gate = found.specialties, found.gate
        fields["specialty"].show(found.specialties)
        fields["documents"].offer(lambda: Document.objects.visible_to(person))
        fields["behalf"].offer(lambda: _beside(person))
        fields["behalf"].label_from_instance = lambda one: one.name
        fields["assignee"].offer(lambda: specialists(self._chosen(slug)))
        fields["assignee"].label_from_instance = name_of
        self._offer_urgencies(urgencies_among(found.promised))
        self._offer_places(person)
        for name in gate.FIELDS:
            rule, field = self.gate.rule(name), fields[name]
            field.needed = rule.need == gate.REQUIRED
            field.help_text = format_html("{} {}", field.help_text, rule.why)

    def _offer_urgencies(self, offered: list[tuple[str, str]]) -> None:
        if len(offered) < 2:
            del self.fields["urgency"]
            return
        self.fields["urgency"].choices = offered  # type: ignore[attr-defined]
        self.fields["urgency"].initial = Consult.Urgency.STANDARD

    def _offer_places(self, person: Person) -> None:
        if len(person.actor.clinician_in) < 2:
            del self.fields["organization"]
            return
        places = Organization.objects.filter(pk__in=person.actor.clinician_in)
        self.fields["organization"].offer(lambda: places)  # type: ignore[attr-defined]
        self.fields["organization"].initial = places.filter(pk__in=[person.actor.clinician_for]).first()

    def _chosen(self, slug: str) -> Specialty | None:
        """The specialty of this identifier; a draft may name one for which nobody answers any more."""
        found = next((place for place in self.offered if place.slug == slug), None)
        return found or (Specialty.objects.filter(slug=slug).first() if slug else None)

    def left_out(self) -> list[str]:
        """The fields that the section does not ask for and in which nothing is written."""
        return [name for name in gate.FIELDS if not self.gate.asks(name) and not self[name].value()]

    def asked(self, *, files: int) -> gate.Asked:
        """What is written so far, as the gate sees it."""
        return gate.Asked(
            has_specialty=bool(self["specialty"].value()),
            reason=str(self["reason"].value() or ""),
            texts={name: str(self[name].value() or "") for name in gate.TEXTS},
            documents=len(self["documents"].value() or []),
            files=files,
            consented=bool(self["consented"].value()),
        )

    def content(self) -> Content:
        """What a draft keeps; a field that does not validate is kept as nothing, never as an error."""
        values = self.cleaned_data
        typed = {
            name: values.get(name, str(self.data.get(name, "")).replace("\r\n", "\n")[:limit])
            for name, limit in ((name, self.fields[name].max_length) for name in gate.TEXTS)  # type: ignore[attr-defined]
        }
        return Content(
            specialty=values.get("specialty"),
            reason=values.get("reason", ""),
            documents=list(values.get("documents") or []),
            named_specialist=values.get("assignee"),
            urgency=values.get("urgency") or Consult.Urgency.STANDARD,
            language=values.get("language", ""),
            **typed,
        )


class FilesForm(forms.Form):
    file = forms.FileField(
        required=False,
        label="Attach a file",
        help_text="PDF, PNG, JPEG or plain text, up to 10 MB, with nothing that identifies a patient.",
    )


class ActionForm(forms.Form):
    """One of several forms on the consult's page: its fields have identifiers of their own."""

    place = ""

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, auto_id=f"{self.place}_%s", **options)


class TextForm(ActionForm):
    text = TextField(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}), label="Your text")


class ReplyForm(TextForm):
    place = "reply"


class AskBackForm(TextForm):
    place = "ask"


class AnswerForm(TextForm):
    place = "answer"
    documents = DocumentsField(label="Documents the answer rests on")
    minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=600,
        label="Your minutes",
        help_text="Time you spent, 1 to 600.",
        widget=forms.NumberInput(attrs={"data-minutes": ""}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Person, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["documents"].offer(lambda: Document.objects.visible_to(person))  # type: ignore[attr-defined]
        self.fields["text"].label = "Your answer"


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    """Show these choices, found before, in a form that only asks: one that takes the answer looks for itself."""
    empty = getattr(field, "empty_label", None)
    field.choices = [("", empty), *choices]  # type: ignore[attr-defined]


class HandoverForm(ActionForm):
    place = "handover"
    to = forms.ModelChoiceField(
        Person.objects.none(),
        to_field_name="email",
        required=False,
        label="Hand over to",
        empty_label="Back to the queue",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        consult: Consult,
        among: Colleagues | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        if among:
            _offer(self.fields["to"], among.people(besides=consult.assignee_id, specialty=consult.specialty_id))
            return
        colleagues = specialists(consult.specialty).exclude(pk=consult.assignee_id or 0)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = name_of  # type: ignore[attr-defined]


class TransferForm(ActionForm):
    place = "transfer"
    to = forms.ModelChoiceField(
        Specialty.objects.none(), to_field_name="slug", label="Which specialty", empty_label="Choose a specialty"
    )
    reason = TextField(
        max_length=300,
        label="Why it belongs there",
        help_text="The clinician who asked reads this too.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        consult: Consult,
        among: Colleagues | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        if among:
            _offer(self.fields["to"], among.specialties(besides=consult.specialty_id))
            return
        others = answering_specialties().exclude(pk=consult.specialty_id or 0)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class SecondForm(TextForm):
    place = "second"
    specialist = forms.ModelChoiceField(
        Person.objects.none(), to_field_name="email", label="Whom to ask", empty_label="Choose a colleague"
    )
    field_order = ["specialist", "text"]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        consult: Consult,
        among: Colleagues | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        if among:
            _offer(self.fields["specialist"], among.people(besides=consult.assignee_id))
            return
        colleagues = specialists().exclude(pk=consult.assignee_id or 0)
        self.fields["specialist"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["specialist"].label_from_instance = name_of  # type: ignore[attr-defined]


class OpinionForm(TextForm):
    place = "opinion"


class DeclineForm(ActionForm):
    place = "decline"
    reason = TextField(
        required=False,
        max_length=500,
        label="Why it is declined",
        help_text="The clinician who asked reads this.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UrgencyForm(ActionForm):
    place = "retarget"
    urgency = forms.ChoiceField(label="How urgent it is", help_text="The clock keeps what has counted and every pause.")

    def __init__(self, data: Mapping[str, Any] | None = None, *, consult: Consult, **options: Any) -> None:
        super().__init__(data, **options)
        others = [pair for pair in urgencies() if pair[0] != consult.urgency]
        self.fields["urgency"].choices = others  # type: ignore[attr-defined]


class CloseForm(ActionForm):
    place = "close"
    course = forms.ChoiceField(
        choices=CloseOut.Course.choices, widget=forms.RadioSelect, label="What did the answer do?"
    )
    referral = forms.ChoiceField(choices=CloseOut.Referral.choices, widget=forms.RadioSelect, label="And a referral?")
    value = forms.TypedChoiceField(
        choices=[(5, "5, excellent"), (4, "4"), (3, "3"), (2, "2"), (1, "1, minimal")],
        coerce=int,
        widget=forms.RadioSelect,
        label="How valuable was it for the care of this patient?",
    )
    comment = TextField(
        required=False,
        max_length=500,
        label="A word to whoever answered",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seconds = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput(attrs={"data-seconds": ""}))


class FaqForm(forms.Form):
    """An answer as an FAQ that names nobody."""

    title = TextField(
        max_length=300,
        label="The question, as anyone would ask it",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    summary = TextField(
        max_length=600,
        required=False,
        label="The answer in one sentence",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    body = TextField(
        max_length=20_000,
        label="The answer",
        help_text="Markdown. Leave out whatever belongs to this one patient: age, dates, places, turns of phrase.",
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    attested = forms.BooleanField(required=False, label=statements.sentence(statements.ATTESTATION)[1])


class FaqDeclineForm(forms.Form):
    reason = TextField(max_length=300, label="Why not", help_text="In a few words, for the other editors.", strip=True)
