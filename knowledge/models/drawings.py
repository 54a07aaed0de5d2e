"""Drawings of decision flows, kept once made."""

from django.db import models
from django.utils import timezone


class FlowDrawing(models.Model):
    """A decision flow drawn once for one theme; ``key`` is the hash of all that the drawing depends on."""

    key = models.CharField(max_length=64, primary_key=True)
    svg = models.TextField()
    drawn_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
