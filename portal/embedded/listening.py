"""The port that the web server is to listen on."""

import errno
import os
import socket
import urllib.request
from http.client import HTTPException

from portal.embedded.errors import EmbeddedError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked for when a person says HOST=


def port_and_host() -> tuple[int, str]:
    """PORT and HOST of the environment. Raises EmbeddedError for a port that is none."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise EmbeddedError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text), os.environ.get("HOST") or "127.0.0.1"


def refuse_taken(host: str, port: int) -> None:
    """Raise EmbeddedError when nothing can listen on that port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just closed is free
        try:
            listener.bind((host, port))
        except OSError as problem:
            why = (
                "is taken by another program"
                if problem.errno == errno.EADDRINUSE
                else f"cannot be used ({problem.strerror})"
            )
            raise EmbeddedError(
                f"Port {port} on {host} {why}. Choose another one: make demo PORT={port % 65535 + 1}"
            ) from None


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the site."""
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def answers(url: str) -> bool:
    """Whether the site says that it is well."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
