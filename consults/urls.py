"""Addresses of the consult desk."""

from django.urls import path

from consults.views import acting, asking, laddering, offering, presence, promising, reading, sections

urlpatterns = [
    path("ask/", asking.ask, name="ask"),
    path("ask/draft/", asking.save_draft, name="ask-save"),
    path("ask/<str:number>/", asking.ask, name="ask-draft"),
    path("ask/<str:number>/discard/", asking.discard_draft, name="ask-discard"),
    path("ask/<str:number>/files/<uuid:key>/remove/", asking.detach, name="ask-detach"),
    path("queue/", reading.queue, name="queue"),
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
    path("on-call/", sections.on_call, name="on-call"),
    path("on-call/<str:token>/on-call.ics", presence.feed, name="on-call-feed"),
    path("sections/<slug:slug>/", sections.section, name="section"),
    path("sections/<slug:slug>/rota/", sections.duties, name="section-rota"),
    path("sections/<slug:slug>/absences/", sections.absent, name="section-absence"),
    path("sections/<slug:slug>/escalation/", laddering.section, name="section-ladder"),
    path("consults/", reading.consults, name="consults"),
    path("consults/<str:number>/", reading.consult, name="consult"),
    path("consults/<str:number>/files/<uuid:key>/", reading.attachment, name="consult-file"),
    path("consults/<str:number>/cite/", reading.cite, name="consult-cite"),
    path("consults/<str:number>/opinion/", acting.opine, name="consult-opinion"),
    path("consults/<str:number>/attach/", acting.attach, name="consult-attach"),
    *(
        path(f"consults/<str:number>/{name}/", acting.view(step), name=f"consult-{name}")
        for name, step in acting.STEPS.items()
    ),
]
