"""Two reviewers who decide at the same moment, and an editor who withdraws meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections, transaction

from knowledge.models import Review, Revision
from knowledge.services import claim_review, decide, submit_revision, withdraw_submission
from portal.common.refusals import Conflict
from tests.cast import Cast
from tests.knowledge.reviews import drafted, in_days, review_of, submitted


def second_waits(first: Callable[[], object], second: Callable[[], object]) -> object:
    """Run both: the second begins before the first has committed and waits for it. What the second gave or raised."""

    def run() -> object:
        try:
            return second()
        except Conflict as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            running = pool.submit(run)
            with pytest.raises(TimeoutError):
                running.result(timeout=1)
        return running.result(timeout=20)


def in_review(folder: Path, cast: Cast) -> tuple[Revision, Review, Review]:
    revision = submitted(folder, cast, cast.reviewer, cast.lead, kind="protocol")
    return revision, review_of(revision, cast.reviewer), review_of(revision, cast.lead)


def test_the_second_of_two_approvals_sees_the_first(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision, one, other = in_review(tmp_path, cast)
    second_waits(
        lambda: decide(review=one, decision="approved", by=cast.reviewer),
        lambda: decide(review=other, decision="approved", by=cast.lead),
    )
    assert Revision.objects.get(pk=revision.pk).state == "approved"


def test_an_approval_after_changes_were_asked_for_is_a_conflict(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision, one, other = in_review(tmp_path, cast)
    said = second_waits(
        lambda: decide(review=one, decision="changes", reason="The dose.", by=cast.reviewer),
        lambda: decide(review=other, decision="approved", by=cast.lead),
    )
    assert "not in review any more" in str(said)
    assert list(revision.document.revisions.values_list("state", flat=True)) == ["draft", "returned"]


def test_two_requests_for_changes_open_one_draft(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision, one, other = in_review(tmp_path, cast)
    said = second_waits(
        lambda: decide(review=one, decision="changes", reason="The dose.", by=cast.reviewer),
        lambda: decide(review=other, decision="changes", reason="The title.", by=cast.lead),
    )
    assert isinstance(said, Conflict)
    assert revision.document.revisions.count() == 2


def test_one_decision_and_one_withdrawal(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision, one, _ = in_review(tmp_path, cast)
    said = second_waits(
        lambda: withdraw_submission(revision=revision, by=cast.editor),
        lambda: decide(review=one, decision="changes", reason="The dose.", by=cast.reviewer),
    )
    assert isinstance(said, Conflict)
    assert revision.document.revisions.count() == 2


def test_a_review_is_claimed_once(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision = submitted(tmp_path, cast, cast.lead)
    review = review_of(revision, cast.lead)
    said = second_waits(
        lambda: decide(review=review, decision="approved", by=cast.lead),
        lambda: claim_review(review=review, by=cast.reviewer),
    )
    assert "decided already" in str(said)


def test_two_editors_submit_one_draft(tmp_path: Path, committed_cast: Cast) -> None:
    cast = committed_cast
    revision = drafted(tmp_path, cast.editor)
    named = [(cast.lead, None)]
    said = second_waits(
        lambda: submit_revision(revision=revision, reviewers=named, due_on=in_days(7), by=cast.editor),
        lambda: submit_revision(revision=revision, reviewers=named, due_on=in_days(7), by=cast.reviewer),
    )
    assert "no draft" in str(said)
    assert Review.objects.count() == 1
