"""The web application; refuses to start where its walls would be void."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

import portal.celery  # noqa: E402, F401 - hints must go to the workers' broker and queue
from portal.common.startup import refuse_unsafe_start  # noqa: E402 - needs the applications loaded

refuse_unsafe_start()
