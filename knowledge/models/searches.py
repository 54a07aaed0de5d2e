"""What search keeps in the database: its own index of what is published, and the words in it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone

from knowledge.models.documents import Document
from portal.members.models import Organization, Person


class SearchEntry(models.Model):
    """A published document as PostgreSQL's full text knows it. Written by the transaction that publishes."""

    document = models.OneToOneField(Document, primary_key=True, on_delete=models.CASCADE, related_name="+")
    words = SearchVectorField(help_text="Stems: A title and key words, B summary and recommendations, C places, D text")
    surface = SearchVectorField(help_text="Whole words, for the dictionary")
    codes = ArrayField(models.CharField(max_length=10), help_text="ICD-10-CM, with the codes above them")

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="search_entry_words"),
            GinIndex(fields=["codes"], name="search_entry_codes"),
        ]

    def __str__(self) -> str:
        return f"Entry of {self.document_id}"


class SearchWord(models.Model):
    """A word of the published documents, and in how many it stands; worked out anew now and then."""

    word = models.CharField(max_length=80, primary_key=True)
    stem = models.CharField(max_length=80, db_index=True)
    documents = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.word


class SearchLog(models.Model):
    """One search: what was asked, how much was found, and what was opened of it.

    What looks like an identifier is masked before it is written. Person and organization go after SEARCH_LOG_DAYS,
    the row after SEARCH_LOG_KEEP_DAYS.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    query = models.CharField(max_length=200, help_text="As typed, identifiers masked")
    words = models.CharField(max_length=200, help_text="In small letters, without signs: what figures group by")
    count = models.PositiveIntegerField(help_text="Documents found")
    corrected = models.BooleanField(default=False)
    degraded = models.BooleanField(default=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    organization = models.ForeignKey(Organization, null=True, on_delete=models.SET_NULL, related_name="+")
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Opened")
    position = models.PositiveSmallIntegerField(null=True, help_text="Where it stood, from 1")
    clicked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["person", "-at"], name="search_log_person")]

    def __str__(self) -> str:
        return f"Search {self.pk}"
