"""What was typed into a form that could not be saved, kept on the very page that says so, and sent again from there.

Going back does not help: browsers forget what stood in pages that may not be stored, and ours may not.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from rest_framework.authentication import CSRFCheck

MARK = "csrfmiddlewaretoken"
SECRETS = ("password", "credential", "token")
"""A form with such names of fields is not kept; nor is one with the code of a second step."""
CODE = "code"
LIMIT = 256 * 1024
"""Characters."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Sent:
    """What a request sent to be saved."""

    to: str
    """The address of the form."""
    fields: list[tuple[str, str]]
    """To send again, the form's own mark against forged posts among them; none where something may not be kept."""
    texts: list[str]
    """What somebody wrote, for them to see."""
    has_files: bool


def sent(request: HttpRequest) -> Sent | None:
    """What a write sent; None for a request that only reads.

    Nothing is kept of a post that another site may have made: only the form that was ours carries a mark that fits the
    cookie, and it is that mark, never a new one, that goes with what is sent again. Nor where a secret was in it.
    """
    if request.method not in WRITES:
        return None
    try:
        given = [(name, str(value)) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except (UnreadablePostError, OSError):
        return Sent(request.get_full_path(), [], [], has_files=False)
    if not _may_be_kept(given) or not _is_ours(request):
        given = []
    texts = [value for name, value in given if name != MARK and ("\n" in value or " " in value.strip())]
    return Sent(request.get_full_path(), given, texts, has_files)


def _may_be_kept(given: list[tuple[str, str]]) -> bool:
    names = {name for name, _ in given} - {MARK}
    secret = CODE in names or any(part in name for name in names for part in SECRETS)
    return bool(names) and not secret and sum(len(name) + len(value) for name, value in given) <= LIMIT


def _is_ours(request: HttpRequest) -> bool:
    """Whether the post came from a form of ours in this browser. The view may not have been reached, to ask this."""
    check = CSRFCheck(_nothing)
    check.process_request(request)
    return not check.process_view(request, _nothing, (), {})


def _nothing(*_: object) -> HttpResponse:
    """The view that nobody gets to."""
    return HttpResponse()
