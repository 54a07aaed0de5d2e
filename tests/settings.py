"""The project's settings in the tests' environment, which must be complete before they are read."""

from tests import environment

environment.prepare()

from portal.settings import *  # noqa: E402, F403

# The real hasher is slow on purpose; tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Nor need they wait for answers that take their time; one test does.
EVEN_MILLISECONDS = 0

# Tests stop the clock of their own process; those of processes and drills have the real settings.
CLOCK = "host"

# WhiteNoise warns of a folder that is not there, and warnings are errors.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
