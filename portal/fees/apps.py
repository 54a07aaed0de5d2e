from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "portal.fees"
    label = "fees"
