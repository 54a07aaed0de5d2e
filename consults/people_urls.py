"""Addresses of the people around a consult, and of what follows from the answer."""

from django.urls import path

from consults.views import billing, mending, people, preparing, results, reviewing, thanking

urlpatterns = [
    path("people/<int:pk>/consults/", people.left, name="person-consults"),
    path("consults/<str:number>/people/", people.around, name="consult-people"),
    path("consults/<str:number>/people/watch/", people.watch, name="consult-watch"),
    path("consults/<str:number>/people/<int:pk>/stop/", people.unwatch, name="consult-unwatch"),
    path("consults/<str:number>/people/pass-on/", people.pass_on, name="consult-pass-on"),
    path("consults/<str:number>/billing/", billing.decide, name="consult-billing"),
    path("consults/<str:number>/minutes/", mending.minutes, name="consult-minutes"),
    path("consults/<str:number>/preparation/", preparing.decide, name="consult-preparation"),
    path("preparation/", preparing.mine, name="preparation"),
    path("organizations/<slug:slug>/preparation/", preparing.of_organization, name="organization-preparation"),
    path("billing/", billing.month, name="billing"),
    path("my-results/", results.mine, name="my-results"),
    path("reviews-of-answers/", reviewing.reviews, name="peer-reviews"),
    path("reviews-of-answers/share/<slug:slug>/", reviewing.share, name="peer-review-share"),
    path("reviews-of-answers/<str:number>/", reviewing.review, name="peer-review"),
    path("thanks/<slug:slug>/", thanking.thank, name="thank"),
]
