"""REST addresses of consults, below /api/v1/."""

from django.urls import path

from consults import api

urlpatterns = [
    path("consults/", api.Consults.as_view(), name="api-consults"),
    path("consults/<str:number>/", api.ConsultView.as_view(), name="api-consult"),
    *(
        path(f"consults/<str:number>/{name}/", view.as_view(), name=f"api-consult-{name}")
        for name, view in api.ACTIONS.items()
    ),
]
