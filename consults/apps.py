from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    name = "consults"

    def ready(self) -> None:
        from consults.relied import answered
        from knowledge import relied

        relied.register(answered)
