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
from consults.models.offers import FaqOffer, FaqOfferQuerySet
from consults.models.people import BillingDecision, OnBehalf, PeerReview, ReviewShare, Thanks, Watcher
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
    "BillingDecision",
    "Calendar",
    "CalendarVersion",
    "Citation",
    "ClockEvent",
    "CloseOut",
    "Consult",
    "ConsultQuerySet",
    "FaqOffer",
    "FaqOfferQuerySet",
    "LearnedSpecialty",
    "LearnedWord",
    "Message",
    "Milestone",
    "OnBehalf",
    "OnCallDay",
    "PeerReview",
    "Promise",
    "PromiseVersion",
    "ReviewShare",
    "RoutingPolicy",
    "SecondOpinion",
    "Thanks",
    "TimelineEntry",
    "Watcher",
    "WeeklyHours",
    "attachment_path",
]
