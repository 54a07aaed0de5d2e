"""Secrets that must be read again, encrypted at rest under keys made from SECRET_KEY; older keys still open them."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def locks(purpose: str) -> MultiFernet:
    """The locks of one purpose: what is locked for another does not open with them."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (salted_hmac(purpose, "lock", secret=key, algorithm="sha256").digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def lock(text: str, purpose: str) -> str:
    """As kept in the database; nothing stays nothing."""
    return locks(purpose).encrypt(text.encode()).decode() if text else ""


def unlock(text: str, purpose: str) -> str:
    """What was locked. Raises cryptography's InvalidToken where neither key opens it."""
    return locks(purpose).decrypt(text.encode()).decode() if text else ""
