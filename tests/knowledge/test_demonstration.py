"""The demonstration's documents: all there, all right, and every one reads."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from knowledge import flows
from knowledge.models import Document
from knowledge.rendering import rendered
from knowledge.services import import_documents

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.ROOT) / "knowledge" / "demonstration"


@pytest.fixture
def documents() -> list[Document]:
    import_documents(path=FOLDER, by="test")
    return list(Document.objects.select_related("current_revision").prefetch_related("specialties"))


def test_there_are_enough_of_every_kind(documents: list[Document]) -> None:
    assert len(documents) >= 40
    assert len({place.slug for document in documents for place in document.specialties.all()}) >= 12
    assert {document.kind for document in documents} == set(Document.Kind.values)
    assert {document.tool_type for document in documents} == {"", *Document.ToolType.values}


def test_each_stands_in_the_file_of_its_name(documents: list[Document]) -> None:
    assert {document.slug for document in documents} == {file.stem for file in FOLDER.glob("*.md")}


def test_each_is_complete(documents: list[Document]) -> None:
    for document in documents:
        revision = document.current_revision
        assert revision is not None
        assert revision.summary, document
        assert len(revision.summary) <= 240, document
        assert revision.codes or document.kind == "notice", document
        assert revision.keywords, document
        assert revision.references.exists(), document
        recommendations = list(revision.recommendations.all())
        assert recommendations, document
        for part in recommendations:
            assert all([part.strength, part.grade, part.verified_on, part.verified_by, part.due_on]), part
        assert isinstance(revision.review_due, date), document
        assert (document.tool_type == "calculator") == bool(revision.calculator), document


def test_each_protocol_has_one_flow_and_each_list_can_be_ticked(documents: list[Document]) -> None:
    for document in documents:
        revision = document.current_revision
        assert revision is not None
        shown = rendered(revision)
        assert len(shown.flows) == len(flows.sources(revision.body)), document
        if document.kind == "protocol":
            assert len(shown.flows) == 1, document
        assert shown.has_tasks == (document.tool_type in ("order-set", "checklist")), document
