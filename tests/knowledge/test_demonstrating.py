"""The demonstration's notes and answers: all of them find their place, once."""

import pytest
import yaml

from knowledge.demonstrating import SOURCE, load_notes_and_feedback
from knowledge.models import Feedback, Overlay
from knowledge.services import import_documents
from portal.common.models import Mail
from portal.members.demonstration import load_people
from tests.knowledge.test_demonstration import FOLDER

pytestmark = pytest.mark.django_db


def test_all_of_it_is_made_once_and_nothing_mailed() -> None:
    load_people()
    import_documents(path=FOLDER, by="test")
    rows = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    assert load_notes_and_feedback() == len(rows["overlays"]) + len(rows["feedback"])
    assert load_notes_and_feedback() == 0
    assert (Overlay.objects.count(), Feedback.objects.count()) == (len(rows["overlays"]), len(rows["feedback"]))
    assert Overlay.objects.filter(author__roles__name="local-editor").exists()
    assert not Mail.objects.exists()
