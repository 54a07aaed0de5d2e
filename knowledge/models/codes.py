"""The codes of ICD-10-CM, for picking. Loaded by a command; nothing else refers to the rows."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models


class Code(models.Model):
    """One category or code with its title."""

    code = models.CharField(max_length=10, primary_key=True)
    title = models.CharField(max_length=300)
    is_leaf = models.BooleanField(help_text="Whether it is billed as it is, having no codes below it")

    class Meta:
        ordering = ["code"]
        indexes = [
            GinIndex(SearchVector("title", config="english"), name="code_words"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
