"""REST addresses of consults, below /api/v1/."""

from django.urls import path

from consults import (
    api,
    api_answers,
    api_asking,
    api_calls,
    api_conferences,
    api_desk,
    api_engagements,
    api_figures,
    api_ladder,
    api_metering,
    api_minutes,
    api_people,
    api_preparing,
    api_presence,
    api_thread_drafts,
)

urlpatterns = [
    path("specialties/<slug:slug>/gate/", api_asking.GateView.as_view(), name="api-gate"),
    path("specialties/<slug:slug>/expected/", api_asking.ExpectedView.as_view(), name="api-expected"),
    path("specialties/<slug:slug>/read-instead/", api_asking.ReadInsteadView.as_view(), name="api-read-instead"),
    path("identifiers/", api_asking.Identifiers.as_view(), name="api-identifiers"),
    path("drafts/", api_asking.Drafts.as_view(), name="api-ask-drafts"),
    path("drafts/<str:number>/", api_asking.DraftView.as_view(), name="api-ask-draft"),
    path("drafts/<str:number>/send/", api_asking.DraftSending.as_view(), name="api-ask-draft-send"),
    path("drafts/<str:number>/answered/", api_asking.DraftAnswered.as_view(), name="api-ask-draft-answered"),
    path("drafts/<str:number>/take-up/", api_asking.DraftTakingUp.as_view(), name="api-ask-draft-take-up"),
    path("answers/", api_answers.Answers.as_view(), name="api-answers"),
    path("answers/<str:number>/draft/", api_answers.AnswerDraft.as_view(), name="api-answer-draft"),
    path("answers/<str:number>/decline/", api_answers.AnswerDecline.as_view(), name="api-answer-decline"),
    path("usage/", api_metering.UsageList.as_view(), name="api-usage"),
    path("usage/<int:pk>/", api_metering.UsageOne.as_view(), name="api-usage-one"),
    path("usage/<int:pk>/people/", api_metering.UsagePeople.as_view(), name="api-usage-people"),
    path("invoices/<int:pk>/worth/", api_metering.WorthView.as_view(), name="api-invoice-worth"),
    path("board/", api_figures.BoardView.as_view(), name="api-board"),
    path("scoreboard/", api_figures.ScoreboardView.as_view(), name="api-scoreboard"),
    path("scoreboard/network/", api_figures.ComparisonView.as_view(), name="api-scoreboard-network"),
    path("availability/", api_presence.MyAvailability.as_view(), name="api-availability"),
    path("absences/", api_presence.Absences.as_view(), name="api-absences"),
    path("absences/<int:pk>/remove/", api_presence.AbsenceRemoval.as_view(), name="api-absence-remove"),
    path("calls/", api_calls.Calls.as_view(), name="api-calls"),
    path("calls/dialled/", api_calls.Dialled.as_view(), name="api-call-dialled"),
    path("calls/<int:pk>/", api_calls.CallView.as_view(), name="api-call"),
    *(
        path(f"calls/<int:pk>/{name}/", view.as_view(), name=f"api-call-{name}")
        for name, view in api_calls.STEPS.items()
    ),
    path("on-call/", api_presence.OnCall.as_view(), name="api-on-call"),
    path("specialties/<slug:slug>/routing/", api_presence.Routing.as_view(), name="api-routing"),
    path("specialties/<slug:slug>/phone/", api_calls.Phone.as_view(), name="api-phone"),
    path("ladder/", api_ladder.NetworkLadder.as_view(), name="api-network-ladder"),
    path("ladder/director/", api_ladder.Director.as_view(), name="api-director"),
    path("conferences/", api_conferences.Conferences.as_view(), name="api-conferences"),
    path("conferences/<int:pk>/", api_conferences.ConferenceView.as_view(), name="api-conference"),
    path(
        "conferences/<int:pk>/agenda/<int:item>/conclude/",
        api_conferences.ConclusionView.as_view(),
        name="api-conference-conclude",
    ),
    *(
        path(f"conferences/<int:pk>/{name}/", view.as_view(), name=f"api-conference-{name}")
        for name, view in api_conferences.ACTIONS.items()
    ),
    path("engagements/", api_engagements.Engagements.as_view(), name="api-engagements"),
    path("engagements/<int:pk>/", api_engagements.EngagementView.as_view(), name="api-engagement"),
    path(
        "engagements/<int:pk>/measures/<int:measure>/points/",
        api_engagements.Points.as_view(),
        name="api-engagement-point",
    ),
    *(
        path(f"engagements/<int:pk>/{name}/", view.as_view(), name=f"api-engagement-{name}")
        for name, view in api_engagements.ACTIONS.items()
    ),
    path(
        "consults/<str:number>/thread-drafts/<str:kind>/",
        api_thread_drafts.ThreadDraft.as_view(),
        name="api-thread-draft",
    ),
    path(
        "consults/<str:number>/thread-drafts/<str:kind>/discard/",
        api_thread_drafts.ThreadDraftDiscard.as_view(),
        name="api-thread-draft-discard",
    ),
    path("pieces/", api_desk.Pieces.as_view(), name="api-pieces"),
    path("pieces/<int:pk>/", api_desk.PieceView.as_view(), name="api-piece"),
    path("pieces/<int:pk>/remove/", api_desk.PieceRemoval.as_view(), name="api-piece-remove"),
    path("consults/<str:number>/answer-draft/", api_desk.AnswerDraftView.as_view(), name="api-answer-half"),
    path(
        "consults/<str:number>/answer-draft/discard/",
        api_desk.AnswerDraftDiscard.as_view(),
        name="api-answer-half-discard",
    ),
    path("specialties/<slug:slug>/escalation/", api_ladder.SectionLadder.as_view(), name="api-ladder"),
    path("consults/<str:number>/opinion/", api.OpinionView.as_view(), name="api-consult-opinion"),
    path("consults/<str:number>/people/", api_people.People.as_view(), name="api-consult-people"),
    path("consults/<str:number>/watch/", api_people.Watch.as_view(), name="api-consult-watch"),
    path("consults/<str:number>/unwatch/", api_people.Unwatch.as_view(), name="api-consult-unwatch"),
    path("consults/<str:number>/pass-on/", api_people.PassOn.as_view(), name="api-consult-pass-on"),
    path("consults/<str:number>/billing/", api_people.Billing.as_view(), name="api-consult-billing"),
    path("consults/<str:number>/minutes/", api_minutes.Minutes.as_view(), name="api-consult-minutes"),
    path("consults/<str:number>/preparation/", api_preparing.PreparationView.as_view(), name="api-consult-preparation"),
    path("preparation/", api_preparing.MyPreparation.as_view(), name="api-preparation"),
    path(
        "organizations/<slug:slug>/preparation/",
        api_preparing.OrganizationPreparation.as_view(),
        name="api-organization-preparation",
    ),
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
