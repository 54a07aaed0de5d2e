"""Addresses of case conferences."""

from django.urls import path

from consults.views import conferences, conferring

urlpatterns = [
    path("conferences/", conferences.index, name="conferences"),
    path("conferences/new/", conferences.new, name="conference-new"),
    path("conferences/policy/<slug:slug>/", conferring.policy, name="conference-policy"),
    path("conferences/<int:pk>/", conferences.conference, name="conference"),
    path("conferences/<int:pk>/change/", conferences.change, name="conference-change"),
    path("conferences/<int:pk>/cancel/", conferring.cancel, name="conference-cancel"),
    path("conferences/<int:pk>/invite/", conferring.invite, name="conference-invite"),
    path("conferences/<int:pk>/uninvite/<int:person>/", conferring.uninvite, name="conference-uninvite"),
    path("conferences/<int:pk>/answer/", conferring.answer, name="conference-answer"),
    path("conferences/<int:pk>/agenda/", conferring.put_on, name="conference-agenda"),
    path("conferences/<int:pk>/agenda/<int:item>/remove/", conferring.take_off, name="agenda-remove"),
    path("conferences/<int:pk>/agenda/<int:item>/arrange/", conferring.arrange, name="agenda-arrange"),
    path("conferences/<int:pk>/agenda/<int:item>/conclude/", conferring.conclude, name="agenda-conclude"),
    path("conferences/<int:pk>/attendance/", conferring.attendance, name="conference-attendance"),
    path("conferences/<int:pk>/conference.ics", conferring.calendar, name="conference-calendar"),
    path("consults/<str:number>/conference/", conferring.put_on_from_consult, name="consult-conference"),
]
