"""Consults with what belongs to them."""

from consults.models.asking import GateVersion, ReadInstead, Statement
from consults.models.calls import Call, CallEvent, CallNote, CallPolicy, CallQuerySet
from consults.models.clockwork import ClockEvent, Milestone, TimelineEntry
from consults.models.conferences import (
    AgendaItem,
    Conclusion,
    Conference,
    ConferenceInvitation,
    ConferencePolicy,
    ConferenceQuerySet,
)
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
from consults.models.engagements import (
    Engagement,
    EngagementHours,
    EngagementMilestone,
    EngagementPerson,
    EngagementQuerySet,
    Measure,
    MeasurePoint,
)
from consults.models.ladders import LadderVersion, MedicalDirector
from consults.models.minutes import MinutesMend, Preparation, PreparationPolicy, PreparationQuerySet
from consults.models.offers import FaqOffer, FaqOfferQuerySet
from consults.models.outcomes import Outcome, OutcomeQuerySet
from consults.models.people import BillingDecision, OnBehalf, PeerReview, ReviewShare, Thanks, Watcher
from consults.models.pieces import AnswerDraft, AnswerDraftQuerySet, Piece, PieceQuerySet
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
    "AgendaItem",
    "AnswerDraft",
    "AnswerDraftQuerySet",
    "Assignment",
    "Attachment",
    "Availability",
    "BillingDecision",
    "Calendar",
    "CalendarVersion",
    "Call",
    "CallEvent",
    "CallNote",
    "CallPolicy",
    "CallQuerySet",
    "Citation",
    "ClockEvent",
    "CloseOut",
    "Conclusion",
    "Conference",
    "ConferenceInvitation",
    "ConferencePolicy",
    "ConferenceQuerySet",
    "Consult",
    "ConsultQuerySet",
    "Engagement",
    "EngagementHours",
    "EngagementMilestone",
    "EngagementPerson",
    "EngagementQuerySet",
    "FaqOffer",
    "FaqOfferQuerySet",
    "GateVersion",
    "LadderVersion",
    "LearnedSpecialty",
    "LearnedWord",
    "Measure",
    "MeasurePoint",
    "MedicalDirector",
    "Message",
    "Milestone",
    "MinutesMend",
    "OnBehalf",
    "OnCallDay",
    "Outcome",
    "OutcomeQuerySet",
    "PeerReview",
    "Piece",
    "PieceQuerySet",
    "Preparation",
    "PreparationPolicy",
    "PreparationQuerySet",
    "Promise",
    "PromiseVersion",
    "ReadInstead",
    "ReviewShare",
    "RoutingPolicy",
    "SecondOpinion",
    "Statement",
    "Thanks",
    "TimelineEntry",
    "Watcher",
    "WeeklyHours",
    "attachment_path",
]
