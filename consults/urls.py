"""Addresses of the consult desk: ``writing`` stands under ask/, ``thread`` under consults/.

Django tries one address after the other, so that what is asked for most stands first (``portal.urls``)."""

from django.urls import path

from consults import people_urls
from consults.conference_urls import urlpatterns as conference_urls
from consults.engagement_urls import urlpatterns as engagement_urls
from consults.metering_urls import urlpatterns as metering_urls
from consults.views import (
    acting,
    asking,
    board,
    calls,
    desk,
    ended,
    gates,
    laddering,
    offering,
    pieces,
    presence,
    promising,
    reading,
    redacting,
    scoreboard,
    sections,
    thread_drafts,
)

writing = [
    path("", asking.ask, name="ask"),
    path("draft/", asking.save_draft, name="ask-save"),
    path("redact/", redacting.redact, name="ask-redact"),
    path("answered/", ended.answered, name="ask-answered"),
    path("<str:number>/ended/", ended.ended, name="ask-ended"),
    path("<str:number>/take-up/", ended.take_up, name="ask-take-up"),
    path("<str:number>/", asking.ask, name="ask-draft"),
    path("<str:number>/discard/", asking.discard_draft, name="ask-discard"),
    path("<str:number>/files/<uuid:key>/remove/", asking.detach, name="ask-detach"),
]

thread = [
    path("", reading.consults, name="consults"),
    path("<str:number>/", reading.consult, name="consult"),
    path("<str:number>/files/<uuid:key>/", reading.attachment, name="consult-file"),
    path("<str:number>/find/", desk.find, name="consult-find"),
    path("<str:number>/answer-draft/", desk.keep, name="consult-answer-draft"),
    path("<str:number>/answer-draft/discard/", desk.discard, name="consult-answer-draft-discard"),
    path("<str:number>/ask-draft/", thread_drafts.keep, {"kind": "ask"}, "consult-ask-draft"),
    path("<str:number>/ask-draft/discard/", thread_drafts.discard, {"kind": "ask"}, "consult-ask-discard"),
    path("<str:number>/opinion-draft/", thread_drafts.keep, {"kind": "opinion"}, "consult-opinion-draft"),
    path(
        "<str:number>/opinion-draft/discard/",
        thread_drafts.discard,
        {"kind": "opinion"},
        "consult-opinion-discard",
    ),
    path("<str:number>/opinion/", acting.opine, name="consult-opinion"),
    path("<str:number>/attach/", acting.attach, name="consult-attach"),
    *(path(f"<str:number>/{name}/", acting.view(step), name=f"consult-{name}") for name, step in acting.STEPS.items()),
]

urlpatterns = [
    *conference_urls,
    *engagement_urls,
    *metering_urls,
    path("queue/", reading.queue, name="queue"),
    path("queue/next/", desk.following, name="queue-next"),
    path("pieces/", pieces.listed, name="pieces"),
    path("pieces/<int:pk>/", pieces.piece, name="piece"),
    path("pieces/<int:pk>/remove/", pieces.remove, name="piece-remove"),
    path("answers/", offering.offers, name="answers"),
    path("answers/<str:number>/", offering.offer, name="answer"),
    path("answers/<str:number>/decline/", offering.decline, name="answer-decline"),
    path("answers/<str:number>/undo/", offering.undo, name="answer-undo"),
    path("promises/", promising.promises, name="promises"),
    path("promises/new/", promising.promise, name="promise-new"),
    path("promises/<int:pk>/", promising.promise, name="promise"),
    path("promises/<int:pk>/end/", promising.end, name="promise-end"),
    path("promises/calendars/new/", promising.calendar, name="calendar-new"),
    path("promises/calendars/<int:pk>/", promising.calendar, name="calendar"),
    path("promises/escalation/", laddering.network, name="network-ladder"),
    path("promises/escalation/director/", laddering.director, name="medical-director"),
    path("availability/", presence.mine, name="availability"),
    path("availability/limits/", presence.limits, name="availability-limits"),
    path("availability/absences/", presence.away, name="absence-add"),
    path("availability/absences/<int:pk>/remove/", presence.back, name="absence-remove"),
    path("availability/calendar/", presence.upload, name="absence-calendar"),
    path("availability/feed/", presence.new_feed, name="availability-feed"),
    path("calls/", calls.calls, name="calls"),
    path("calls/new/", calls.new, name="call-new"),
    path("calls/dialled/", calls.dialled, name="call-dialled"),
    path("calls/<int:pk>/", calls.call, name="call"),
    path("calls/<int:pk>/take/", calls.take, name="call-take"),
    path("calls/<int:pk>/tried/", calls.tried, name="call-tried"),
    path("calls/<int:pk>/note/", calls.note, name="call-note"),
    path("calls/<int:pk>/add/", calls.add, name="call-add"),
    path("calls/<int:pk>/cancel/", calls.cancel, name="call-cancel"),
    path("sections/<slug:slug>/phone/", calls.phone, name="section-phone"),
    path("on-call/", sections.on_call, name="on-call"),
    path("on-call/<str:token>/on-call.ics", presence.feed, name="on-call-feed"),
    path("sections/<slug:slug>/", sections.section, name="section"),
    path("sections/<slug:slug>/gate/", gates.gate, name="section-gate"),
    path("sections/<slug:slug>/read-instead/", ended.figure, name="section-read-instead"),
    path("sections/<slug:slug>/rota/", sections.duties, name="section-rota"),
    path("sections/<slug:slug>/absences/", sections.absent, name="section-absence"),
    path("board/", board.sections, name="board"),
    path("board/<slug:slug>/", board.section, name="board-section"),
    path("scoreboard/", scoreboard.scoreboard, name="scoreboard"),
    path("scoreboard/network/", scoreboard.beside, name="scoreboard-network"),
    *people_urls.urlpatterns,
    path("sections/<slug:slug>/escalation/", laddering.section, name="section-ladder"),
]
