from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "portal.members"
    label = "members"

    def ready(self) -> None:
        from portal.common import exports
        from portal.members.exporting import AUDIT

        exports.register(AUDIT)
