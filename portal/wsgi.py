"""The web application; refuses to start where its walls would be void, and serves once search is ready."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402 - needs the applications loaded, as what follows does

import portal.celery  # noqa: E402, F401 - hints must go to the workers' broker and queue
from knowledge import search  # noqa: E402
from portal.common.startup import refuse_unsafe_start  # noqa: E402

refuse_unsafe_start()
search.warm()
connection.close()

# What is there now stays: the garbage collector need not look through it again at every full turn.
gc.collect()
gc.freeze()
