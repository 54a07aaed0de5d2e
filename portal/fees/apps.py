from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "portal.fees"
    label = "fees"

    def ready(self) -> None:
        from portal.common import exports
        from portal.fees.exporting import INVOICES, PAYMENTS, POSTINGS

        exports.register(INVOICES, PAYMENTS, POSTINGS)
