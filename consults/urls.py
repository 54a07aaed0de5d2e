"""Addresses of the consult desk."""

from django.urls import path

from consults.views import acting, asking, offering, promising, reading

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
    path("consults/", reading.consults, name="consults"),
    path("consults/<str:number>/", reading.consult, name="consult"),
    path("consults/<str:number>/files/<uuid:key>/", reading.attachment, name="consult-file"),
    path("consults/<str:number>/cite/", reading.cite, name="consult-cite"),
    path("consults/<str:number>/attach/", acting.attach, name="consult-attach"),
    *(
        path(f"consults/<str:number>/{name}/", acting.view(step), name=f"consult-{name}")
        for name, step in acting.STEPS.items()
    ),
]
