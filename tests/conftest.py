"""What every test may use: the database in two ways, a worker, and the whole site running."""

import re
from collections.abc import Iterator

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

from tests import database
from tests.cast import cast, committed_cast  # noqa: F401 - fixtures, offered to every test
from tests.stack import Stack, Worker, running_stack, running_worker

# How fast a busy machine makes examples, or runs them, says nothing of the code.
hypothesis.settings.register_profile("ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ours")

COMMITTING = {"committed", "worker", "transactional_db"}
ASKS_MUCH = re.compile(r"_api|walls|constraints|query_counts|search|outbox")
"""Files whose tests say much of the servers: each address, rule of the database and search by its full text."""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The test database, instead of pytest-django's: here the application's role may not make one."""
    with django_db_blocker.unblock():
        database.create(keep=django_db_keepdb and not django_db_createdb)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            database.drop()


@pytest.fixture(autouse=True)
def _sees_everything(request: pytest.FixtureRequest) -> None:
    """A test looks at rows of every organization; the requests it makes set a scope of their own."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("_django_db_helper")
        from portal.common import tenancy

        tenancy.open_session_scope()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database whose commits are real, for threads, other processes and on-commit work; emptied afterwards.

    Not for tests marked django_db, whose transaction never commits.
    """
    from django.db import connections

    from portal.common import tenancy

    with django_db_blocker.unblock():
        tenancy.open_session_scope()
        try:
            yield
        finally:
            connections.close_all()
            database.reset()


@pytest.fixture
def worker(committed: None) -> Iterator[Worker]:
    """A real Celery worker on the committed test database."""
    with running_worker() as worker:
        yield worker


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole site with the demonstration's data, as processes of its own with a database of its own."""
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what says much of the servers."""
    for item in items:
        if set(getattr(item, "fixturenames", ())) & COMMITTING or ASKS_MUCH.search(item.path.name):
            item.add_marker(pytest.mark.servers)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--observed", help="where test_role_walk writes the table it saw")
