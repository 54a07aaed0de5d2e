"""What the site needs of a payment provider, in words of its own: no provider's names go beyond its adapter."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol


class What(Enum):
    """What a provider says. Everything else it may say moves no money of ours."""

    PAID = "paid"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund-failed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"
    OTHER = "other"


@dataclass(frozen=True)
class Said:
    """One event. ``intent`` is the payment it is about; ``name`` what moved: that payment, a refund, a dispute."""

    event: str
    what: What
    intent: str = ""
    name: str = ""
    cents: int = 0
    currency: str = ""
    key: str = ""
    """Our own key of the checkout, given back."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"what": self.what.value}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Said":
        return cls(**{**found, "what": What(found["what"])})


@dataclass(frozen=True)
class Order:
    """What is to be paid, and where the browser comes back to."""

    key: str
    number: str
    cents: int
    currency: str
    email: str
    until: datetime
    paid_url: str
    back_url: str


@dataclass(frozen=True)
class Started:
    """The provider's name for it, and the page to which the browser is sent."""

    session: str
    url: str


class NotGenuineError(Exception):
    """The message does not come from the provider, or is no message of its kind."""


class UnreachableError(Exception):
    """The provider did not do it, or could not be asked."""


class Provider(Protocol):
    def start(self, order: Order) -> Started:
        """Begin a payment on the provider's own page. Raises UnreachableError."""

    def refund(self, *, intent: str, cents: int, key: str) -> str:
        """Pay back; the same key twice is one refund. Its name. Raises UnreachableError."""

    def hear(self, body: bytes, signature: str) -> Said:
        """What a message to the webhook says. Raises NotGenuineError."""
