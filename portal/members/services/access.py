"""Ending what lets people in: sessions and tokens."""

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.members.models import ApiToken


def shut_out(people: Iterable[int]) -> None:
    """End the sessions and revoke the tokens of these people at once. Part of the caller's transaction.

    A session being made at this very moment falls at its first request, which asks ``Person.can_sign_in``.
    """
    numbers = list(people)
    sessions = UserSession.objects.filter(user_id__in=numbers)
    Session.objects.filter(pk__in=list(sessions.values_list("session_key", flat=True))).delete()
    sessions.delete()
    ApiToken.objects.filter(person_id__in=numbers, revoked_at=None).update(revoked_at=timezone.now())
