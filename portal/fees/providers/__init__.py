"""Payment providers: off unless one is configured."""

from django.conf import settings

from portal.fees.providers.base import Provider
from portal.fees.providers.stripe_checkout import StripeCheckout


def current() -> Provider | None:
    """The one that is configured, if any."""
    if not settings.STRIPE_SECRET_KEY:
        return None
    return StripeCheckout(
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        address=settings.STRIPE_API_ADDRESS,
    )
