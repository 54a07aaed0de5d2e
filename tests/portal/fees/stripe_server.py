"""A server on a socket that speaks the two endpoints of Stripe that the site uses, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.portal.fees.stripe_events import KEY


@dataclass
class Server:
    address: str
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    """Path, form and headers of every request."""
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """By idempotency key: the same again is answered the same."""
    status: int = 200


@contextmanager
def running() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            server.asked.append((self.path, form, {name.lower(): text for name, text in self.headers.items()}))
            status, answer = _answer(server, self.path, form, self.headers)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _answer(server: Server, path: str, form: dict[str, str], headers: Any) -> tuple[int, dict[str, Any]]:
    if headers["Authorization"] != f"Bearer {KEY}":
        return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
    if server.status != 200:
        return server.status, {"error": {"type": "api_error", "message": "An unknown error occurred"}}
    key = headers["Idempotency-Key"]
    if key not in server.answers:
        number = len(server.answers) + 1
        if path == "/v1/checkout/sessions":
            cents = int(form["line_items[0][price_data][unit_amount]"])
            made: dict[str, Any] = {
                "id": f"cs_test_{number}",
                "object": "checkout.session",
                "amount_total": cents,
                "currency": form["line_items[0][price_data][currency]"],
                "payment_status": "unpaid",
                "status": "open",
                "url": f"https://checkout.stripe.com/c/pay/cs_test_{number}",
            }
        elif path == "/v1/refunds":
            made = {
                "id": f"re_{number}",
                "object": "refund",
                "amount": int(form["amount"]),
                "payment_intent": form["payment_intent"],
                "status": "succeeded",
            }
        else:
            return 404, {"error": {"type": "invalid_request_error", "message": "Unrecognized request URL"}}
        server.answers[key] = (200, made)
    return server.answers[key]
