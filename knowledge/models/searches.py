"""What search keeps in the database: its own index of what is published, and the words in it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from knowledge.models.documents import Document


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
