from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    name = "consults"

    def ready(self) -> None:
        from consults.finding import answered_consults
        from consults.relied import answered
        from knowledge import relied
        from knowledge.search.elsewhere import also_find

        relied.register(answered)
        also_find("Answered consults", answered_consults)
