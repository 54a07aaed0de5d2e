from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    name = "consults"

    def ready(self) -> None:
        from consults.finding import answered_consults
        from knowledge.search.elsewhere import also_find

        also_find("Answered consults", answered_consults)
