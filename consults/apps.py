from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    name = "consults"

    def ready(self) -> None:
        from consults.exporting import FIGURES, USED
        from consults.finding import answered_consults
        from consults.relied import answered
        from consults.services import leaving
        from knowledge import relied
        from knowledge.search.elsewhere import also_find
        from portal.common import exports
        from portal.members.leaving import Work, register

        exports.register(FIGURES, USED)
        relied.register(answered)
        also_find("Answered consults", answered_consults)
        register(Work("consults", leaving.unfinished, leaving.heirs, leaving.hand_on))
