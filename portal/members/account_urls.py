"""allauth's addresses that this site uses. Left out: linking other accounts to one's own, and registering by them."""

from allauth.socialaccount.providers.saml.views import finish_acs
from django.urls import include, path

from portal.members.views import sso_entrance

urlpatterns = [
    path("login/", sso_entrance.sign_in, name="account_login"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("oidc/<str:provider_id>/callback/", sso_entrance.oidc_callback, name="openid_connect_callback"),
    path("saml/<str:organization_slug>/acs/", sso_entrance.saml_answer, name="saml_acs"),
    path("saml/<str:organization_slug>/acs/finish/", finish_acs, name="saml_finish_acs"),
    path("saml/<str:organization_slug>/metadata/", sso_entrance.saml_metadata, name="saml_metadata"),
    path("saml/<str:organization_slug>/sls/", sso_entrance.nothing_here, name="saml_sls"),
]
