"""REST addresses of consults, below /api/v1/."""

from django.urls import path

from consults import api, api_answers

urlpatterns = [
    path("answers/", api_answers.Answers.as_view(), name="api-answers"),
    path("answers/<str:number>/draft/", api_answers.AnswerDraft.as_view(), name="api-answer-draft"),
    path("answers/<str:number>/decline/", api_answers.AnswerDecline.as_view(), name="api-answer-decline"),
    path("consults/", api.Consults.as_view(), name="api-consults"),
    path("consults/<str:number>/", api.ConsultView.as_view(), name="api-consult"),
    *(
        path(f"consults/<str:number>/{name}/", view.as_view(), name=f"api-consult-{name}")
        for name, view in api.ACTIONS.items()
    ),
]
