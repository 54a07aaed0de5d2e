"""The real supervisor, with the real database and broker, on stand-ins for the site's own programs: up in a second.

Run as a program by the tests of the supervisor. The stand-in for the web starts a process of its own, as gunicorn does.
"""

import sys
from pathlib import Path
from unittest.mock import patch

from portal.embedded import __main__, site

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
"""
WEB = """
import http.server, subprocess, sys
class Well(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Well).serve_forever()
"""
MANAGE = """
import os, sys
if sys.argv[1] == "migrate":
    print("  Applying all... OK")
if sys.argv[1] == "demonstration_accounts":
    print("the accounts of", os.environ["CONSILIUM_MODE"])
"""


def program(text: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", text, *arguments]


def web(host: str, port: int) -> list[str]:
    return program(WEB, str(port))


def manage(*arguments: str) -> list[str]:
    return program(MANAGE, *arguments)


def worker() -> list[str]:
    return program(STUBBORN)


def keeper() -> list[str]:
    return program("import time; time.sleep(600)")


def beat(schedule: Path) -> list[str]:
    return program("import time; time.sleep(600)", str(schedule))


if __name__ == "__main__":
    with (
        patch.multiple(site, web=web, manage=manage, worker=worker, keeper=keeper, beat=beat, STOP_LIMIT=1.0),
        patch("portal.embedded.watchdog.STOP_LIMIT", 1.0),
    ):
        __main__.main()
