"""REST addresses of search and documents, below /api/v1/."""

from django.urls import path

from knowledge import (
    addresses,  # noqa: F401 - makes the converter known
    api,
    review_api,
)

REVISION = "documents/<document:slug>/revisions/<int:number>/"

urlpatterns = [
    path("search/", api.Search.as_view(), name="api-search"),
    path("documents/", api.Documents.as_view(), name="api-documents"),
    path("documents/<document:slug>/", api.DocumentView.as_view(), name="api-document"),
    path("documents/<document:slug>/revisions/", api.Revisions.as_view(), name="api-revisions"),
    path("documents/<document:slug>/revisions/<int:number>/", api.RevisionView.as_view(), name="api-revision"),
    path("reviews/", review_api.MyReviews.as_view(), name="api-my-reviews"),
    path(f"{REVISION}submit/", review_api.Submit.as_view(), name="api-submit"),
    path(f"{REVISION}withdraw/", review_api.Withdraw.as_view(), name="api-withdraw"),
    path(f"{REVISION}review/", review_api.ReviewedView.as_view(), name="api-review"),
    path(f"{REVISION}reviews/", review_api.Reviews.as_view(), name="api-reviews"),
    *(
        path(f"{REVISION}reviews/<int:pk>/{name}/", view.as_view(), name=f"api-review-{name}")
        for name, view in review_api.ACTS.items()
    ),
    path(f"{REVISION}remarks/", review_api.Remarks.as_view(), name="api-remarks"),
    *(
        path(f"{REVISION}remarks/<int:pk>/{name}/", view.as_view(), name=f"api-remark-{name}")
        for name, view in review_api.SETTLING.items()
    ),
    path("documents/<document:slug>/follow/", api.Following.as_view(), name="api-follow"),
    path("documents/<document:slug>/export/", api.DocumentExport.as_view(), name="api-document-export"),
]
