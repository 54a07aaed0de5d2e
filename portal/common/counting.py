"""Counts of attempts and of requests, kept in the database, so that every web process and host shares one count."""

from collections.abc import Callable, Collection
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router

from portal.common.trouble import can_be_missed, later


class StrictCounts(DatabaseCache):
    """Attempts. What cannot be counted is an error (503): Django would say that it was not added, which reads as
    “too many”, and leave out what should be kept, so that the limits held nobody."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        met: list[DatabaseError] = []

        def noting(execute: Callable[..., Any], *call: Any) -> Any:
            try:
                return execute(*call)
            except DatabaseError as error:
                met.append(error)
                raise

        alias = router.db_for_write(self.cache_model_class)
        with connections[alias].execute_wrapper(noting):
            done = bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        for error in met:
            if later(error):
                raise error
        return done


class LooseCounts(DatabaseCache):
    """Requests over REST, which go on where the database takes no count."""

    def _base_delete_many(self, keys: Collection[str]) -> bool:
        if not keys:
            return False
        with can_be_missed():
            return bool(super()._base_delete_many(keys))  # type: ignore[misc]
        return False
