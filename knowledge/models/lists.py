"""A person's own lists of documents, shown to that person alone."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from knowledge.models.documents import Document
from portal.members.models import Person


class ReadingListQuerySet(models.QuerySet["ReadingList"]):
    """Lists, by who may see them."""

    def visible_to(self, person: Person) -> "ReadingListQuerySet":
        """A person's own; nobody's else, whatever their role."""
        return self.filter(person=person) if person.can_sign_in else self.none()


class ReadingList(models.Model):
    """Documents that a person keeps under one name. The default one is made when it is first needed."""

    DEFAULT_NAME = "Read later"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reading_lists")
    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    objects = ReadingListQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint("person", Lower("name"), name="reading_list_name_once"),
            models.UniqueConstraint(fields=["person"], condition=Q(is_default=True), name="reading_list_one_default"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/account/lists/{self.pk}/"


class ListEntry(models.Model):
    """One document in a list; those with a lower place stand above."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="entries")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="list_entries")
    place = models.IntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["reading_list", "document"], name="list_entry_once")]

    def __str__(self) -> str:
        return f"Entry {self.pk}"
