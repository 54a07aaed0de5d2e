"""Who is told when an answer does not come, and what happens when a reply does not. Pure: shares, minutes and days.

Shares and minutes are of the time that counts towards the promise; days are of the time since the requester was asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from consults.calendars import ELAPSED, NETWORK, Counting, Shift, WorkingHours

NOTICE_DAYS = 3
"""So long before a question is closed for want of a reply, its requester is told that it will be."""
NOTICE_AT_LEAST = timedelta(days=1)
"""Nothing closes sooner after that was told, however late it was."""
_DAY = Shift(0, 24 * 60)
WORKING_DAYS = WorkingHours(str(NETWORK), ((_DAY,),) * 5 + ((),) * 2)


class Rung(Enum):
    """Who is told, the lowest first. The value is the milestone's name."""

    ASSIGNEE = "to-assignee"
    BACKUP = "to-backup"
    LEAD = "to-lead"
    DIRECTOR = "to-director"

    @property
    def words(self) -> str:
        return {
            "to-assignee": "whoever has it",
            "to-backup": "the backup on call",
            "to-lead": "the section lead",
            "to-director": "the network's medical director",
        }[self.value]


class Wait(Enum):
    """What the requester is told while their reply is waited for. The value is the milestone's name."""

    FIRST = "remind-1"
    SECOND = "remind-2"
    CLOSING = "closing"


@dataclass(frozen=True)
class Step:
    """When a rung is reached: after ``percent`` of the promised time and ``minutes`` more (or, negative, less)."""

    rung: Rung
    percent: int
    minutes: int = 0

    def needed(self, promised: timedelta) -> timedelta:
        """How much time must have counted."""
        return max(promised * self.percent / 100 + timedelta(minutes=self.minutes), timedelta())

    @property
    def words(self) -> str:
        """As it follows “is told”."""
        if not self.minutes:
            return f"at {self.percent} % of the time"
        side = "after" if self.minutes > 0 else "before"
        where = "the promise ends" if self.percent == 100 else f"{self.percent} % of the time"
        return f"{abs(self.minutes)} min {side} {where}"


@dataclass(frozen=True)
class Ladder:
    """One rung after the other, and the days of waiting for a reply."""

    steps: tuple[Step, ...] = (
        Step(Rung.ASSIGNEE, 50),
        Step(Rung.BACKUP, 75),
        Step(Rung.LEAD, 85),
        Step(Rung.DIRECTOR, 100),
    )
    reminders: tuple[int, int] = (2, 5)
    close: int = 14
    working_days: bool = False

    @property
    def days(self) -> Counting:
        """Which days count while a reply is waited for."""
        return WORKING_DAYS if self.working_days else ELAPSED

    def waits(self, since: datetime) -> dict[Wait, datetime]:
        """When the requester, asked at ``since``, is told what."""
        after = (*self.reminders, self.close - NOTICE_DAYS)
        return {wait: self.days.reach(since, timedelta(days=days)) for wait, days in zip(Wait, after, strict=True)}

    def closes(self, since: datetime, told: datetime) -> datetime:
        """When the question closes by itself, given when its requester was told that it will."""
        return max(self.days.reach(since, timedelta(days=self.close)), told + NOTICE_AT_LEAST)


STANDARD = Ladder()
"""The network's, until it sets another."""
