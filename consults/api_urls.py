"""REST addresses of consults, below /api/v1/."""

from django.urls import path

from consults import api, api_answers, api_ladder, api_presence

urlpatterns = [
    path("answers/", api_answers.Answers.as_view(), name="api-answers"),
    path("answers/<str:number>/draft/", api_answers.AnswerDraft.as_view(), name="api-answer-draft"),
    path("answers/<str:number>/decline/", api_answers.AnswerDecline.as_view(), name="api-answer-decline"),
    path("availability/", api_presence.MyAvailability.as_view(), name="api-availability"),
    path("absences/", api_presence.Absences.as_view(), name="api-absences"),
    path("absences/<int:pk>/remove/", api_presence.AbsenceRemoval.as_view(), name="api-absence-remove"),
    path("on-call/", api_presence.OnCall.as_view(), name="api-on-call"),
    path("specialties/<slug:slug>/routing/", api_presence.Routing.as_view(), name="api-routing"),
    path("specialties/<slug:slug>/escalation/", api_ladder.SectionLadder.as_view(), name="api-ladder"),
    path("consults/<str:number>/opinion/", api.OpinionView.as_view(), name="api-consult-opinion"),
    path("consults/", api.Consults.as_view(), name="api-consults"),
    path("consults/<str:number>/", api.ConsultView.as_view(), name="api-consult"),
    *(
        path(f"consults/<str:number>/{name}/", view.as_view(), name=f"api-consult-{name}")
        for name, view in api.ACTIONS.items()
    ),
]
