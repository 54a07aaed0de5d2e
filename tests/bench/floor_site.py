"""The floor: a Django site of one page that reads a session and its person, asks one thing more, and fills a template.

It has what ``startproject`` gives (its middleware, its context), the site's database, and nothing else of the site.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor_settings"

from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

application = get_wsgi_application()

PAGE = """<!doctype html><html lang="en"><head><title>Floor</title></head><body><h1>{{ user.name }}</h1>
<ul>{% for row in rows %}<li><a href="/{{ row.slug }}/">{{ row.name }}</a></li>{% endfor %}</ul></body></html>"""
_template = engines["django"].from_string(PAGE)


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    from portal.members.models import Specialty

    return HttpResponse(_template.render({"rows": Specialty.objects.all()[:10]}, request))


urlpatterns = [path("", floor)]
