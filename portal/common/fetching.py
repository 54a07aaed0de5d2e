"""Asking other people's servers over HTTP: addresses that members type in must not reach into our own network.

Outside of demonstrations and tests only https, and only public addresses: a name is resolved once, every address it
has is checked, and the connection goes to the address that was checked. No redirects, a time limit, a size limit.
"""

import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

SECONDS = 8.0
BYTES = 512 * 1024


class NotFetched(requests.RequestException):
    """An answer that was not taken, or an address that was not asked; ``str()`` says why, in words for a person."""


def session() -> requests.Session:
    """What may be used as any session of requests, within the limits above."""
    return _Session()


def fetch(address: str) -> bytes:
    """What is at the address. Raises NotFetched with the reason."""
    try:
        with session() as asking:
            answer = asking.get(address)
    except NotFetched:
        raise
    except requests.exceptions.SSLError:
        raise NotFetched("The server's certificate is not one that this site trusts.") from None
    except requests.Timeout:
        raise NotFetched(f"The server did not answer within {SECONDS:.0f} seconds.") from None
    except requests.RequestException:
        raise NotFetched("The server could not be reached.") from None
    if answer.status_code != requests.codes.ok:
        raise NotFetched(f"The server answered {answer.status_code} instead of 200.")
    return answer.content


def check_address(address: str) -> None:
    """Raise NotFetched unless the address may be asked at all, as far as can be said without resolving its name."""
    parts = urlsplit(address)
    allowed = ("https",) if settings.FETCH_HTTPS_ONLY else ("https", "http")
    if parts.scheme not in allowed or not parts.hostname:
        raise NotFetched("The address must begin with https:// and name a server.")
    if parts.username or parts.password:
        raise NotFetched("The address must not hold a name or a password.")


def _checked(host: str, port: int) -> str:
    """One address of the host, each of which is public. Raises NotFetched for a name that leads inside."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotFetched(f"There is no server called {host}.") from None
    addresses = [str(row[4][0]) for row in found]
    if not settings.FETCH_PRIVATE_ADDRESSES and not all(_is_public(address) for address in addresses):
        raise NotFetched(f"{host} is in a private network, which this site does not ask (FETCH_PRIVATE_ADDRESSES).")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)


class _Checking(HTTPConnection):
    """Connects to the address that was checked, whatever the name resolves to a moment later."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        self._dns_host = _checked(name, self.port)
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _CheckingSafely(_Checking, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checking


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _CheckingSafely


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        check_address(request.url or "")
        parts = urlsplit(request.url or "")
        # For the reason in words; the connection itself checks again, for the name may lead elsewhere by then.
        _checked(parts.hostname or "", parts.port or 443)
        limits = {"stream": True, "allow_redirects": False, "timeout": SECONDS}
        answer = super().send(request, **options | limits)
        answer._content = _read(answer)
        return answer


def _read(answer: requests.Response) -> bytes:
    end, body = time.monotonic() + SECONDS, b""
    with answer:
        for chunk in answer.iter_content(16 * 1024):
            body += chunk
            if len(body) > BYTES:
                raise NotFetched(f"The server sent more than {BYTES // 1024} KB.")
            if time.monotonic() > end:
                raise NotFetched(f"The server did not finish its answer within {SECONDS:.0f} seconds.")
    return body
