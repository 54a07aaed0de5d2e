from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "portal.overview"
    label = "overview"

    def ready(self) -> None:
        from portal.common import exports
        from portal.overview.exporting import MEMBERS

        exports.register(MEMBERS)
