"""Addresses of improvement engagements."""

from django.urls import path

from consults.views import engagements, engaging

urlpatterns = [
    path("engagements/", engagements.index, name="engagements"),
    path("engagements/new/", engagements.new, name="engagement-new"),
    path("engagements/<int:pk>/", engagements.engagement, name="engagement"),
    path("engagements/<int:pk>/people/", engaging.name_person, name="engagement-people"),
    path("engagements/<int:pk>/consultants/", engaging.name_consultant, name="engagement-consultants"),
    path("engagements/<int:pk>/people/<int:person>/remove/", engaging.unname, name="engagement-unname"),
    path("engagements/<int:pk>/milestones/<int:milestone>/", engaging.reach, name="engagement-milestone"),
    path("engagements/<int:pk>/measures/<int:measure>/points/", engaging.point, name="engagement-point"),
    path("engagements/<int:pk>/measures/<int:measure>/chart.svg", engagements.chart, name="engagement-chart"),
    path("engagements/<int:pk>/measures/<int:measure>/points.csv", engagements.points, name="engagement-csv"),
    *(path(f"engagements/<int:pk>/{name}/", view, name=f"engagement-{name}") for name, view in engaging.STEPS.items()),
]
