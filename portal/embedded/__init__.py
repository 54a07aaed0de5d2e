"""The bundled PostgreSQL and message broker: what Consilium runs on when it is given no addresses.

Nothing here imports Django, so that the settings may call `attach`.
"""

from portal.embedded.addresses import Addresses
from portal.embedded.attaching import attach
from portal.embedded.errors import EmbeddedError

__all__ = ["Addresses", "EmbeddedError", "attach"]
