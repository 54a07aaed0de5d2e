"""REST addresses of consults, below /api/v1/."""

from django.urls import path

from consults import api, api_answers, api_people, api_presence

urlpatterns = [
    path("answers/", api_answers.Answers.as_view(), name="api-answers"),
    path("answers/<str:number>/draft/", api_answers.AnswerDraft.as_view(), name="api-answer-draft"),
    path("answers/<str:number>/decline/", api_answers.AnswerDecline.as_view(), name="api-answer-decline"),
    path("availability/", api_presence.MyAvailability.as_view(), name="api-availability"),
    path("absences/", api_presence.Absences.as_view(), name="api-absences"),
    path("absences/<int:pk>/remove/", api_presence.AbsenceRemoval.as_view(), name="api-absence-remove"),
    path("on-call/", api_presence.OnCall.as_view(), name="api-on-call"),
    path("specialties/<slug:slug>/routing/", api_presence.Routing.as_view(), name="api-routing"),
    path("consults/<str:number>/opinion/", api.OpinionView.as_view(), name="api-consult-opinion"),
    path("consults/<str:number>/people/", api_people.People.as_view(), name="api-consult-people"),
    path("consults/<str:number>/watch/", api_people.Watch.as_view(), name="api-consult-watch"),
    path("consults/<str:number>/unwatch/", api_people.Unwatch.as_view(), name="api-consult-unwatch"),
    path("consults/<str:number>/pass-on/", api_people.PassOn.as_view(), name="api-consult-pass-on"),
    path("consults/<str:number>/billing/", api_people.Billing.as_view(), name="api-consult-billing"),
    path("people/<int:pk>/consults/", api_people.PersonConsults.as_view(), name="api-person-consults"),
    path("billing/", api_people.BillingMonth.as_view(), name="api-billing"),
    path("my-results/", api_people.MyResults.as_view(), name="api-my-results"),
    path("peer-reviews/", api_people.Reviews.as_view(), name="api-peer-reviews"),
    path("peer-reviews/<str:number>/", api_people.Review.as_view(), name="api-peer-review"),
    path("specialties/<slug:slug>/review-share/", api_people.ReviewShareView.as_view(), name="api-review-share"),
    path("documents/<slug:slug>/thanks/", api_people.ThankView.as_view(), name="api-thanks"),
    path("consults/", api.Consults.as_view(), name="api-consults"),
    path("consults/<str:number>/", api.ConsultView.as_view(), name="api-consult"),
    *(
        path(f"consults/<str:number>/{name}/", view.as_view(), name=f"api-consult-{name}")
        for name, view in api.ACTIONS.items()
    ),
]
