"""Consults with what belongs to them."""

from consults.models.clockwork import ClockEvent, Milestone, TimelineEntry
from consults.models.consults import (
    Assignment,
    Attachment,
    Citation,
    CloseOut,
    Consult,
    ConsultQuerySet,
    Message,
    SecondOpinion,
    attachment_path,
)
from consults.models.ladders import LadderVersion, MedicalDirector
from consults.models.offers import FaqOffer, FaqOfferQuerySet
from consults.models.presence import (
    Availability,
    LearnedSpecialty,
    LearnedWord,
    OnCallDay,
    RoutingPolicy,
    WeeklyHours,
)
from consults.models.promises import Calendar, CalendarVersion, Promise, PromiseVersion

__all__ = [
    "Assignment",
    "Attachment",
    "Availability",
    "Calendar",
    "CalendarVersion",
    "Citation",
    "ClockEvent",
    "CloseOut",
    "Consult",
    "ConsultQuerySet",
    "FaqOffer",
    "FaqOfferQuerySet",
    "LadderVersion",
    "LearnedSpecialty",
    "LearnedWord",
    "MedicalDirector",
    "Message",
    "Milestone",
    "OnCallDay",
    "Promise",
    "PromiseVersion",
    "RoutingPolicy",
    "SecondOpinion",
    "TimelineEntry",
    "WeeklyHours",
    "attachment_path",
]
