"""Searching in the database while the engine is away: the same words, plainer ranking, no spelling."""

from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, Q

from knowledge.models import Document, Revision
from knowledge.search.engine import CANDIDATES, Ranking
from knowledge.search.terms import Terms

# The expression that the database's own index is built on.
_EVERYTHING = SearchVector("title", "summary", "body", config="english")
_LINES = SearchVector("current_revision__title", "current_revision__summary", config="english")


def rank(terms: Terms, *, kind: str | None = None, specialty: str | None = None) -> Ranking:
    """The best candidates the database finds: all words if any document has them all, else any word."""
    weights = dict.fromkeys(terms.stems, 1.0)
    words = [SearchQuery(word, config="english") for word in terms.stems.values()][:12]
    documents = Document.objects.published()
    if kind:
        documents = documents.filter(kind=kind)
    if specialty:
        documents = documents.filter(specialties__slug=specialty)
    exact = Q(current_revision__codes__overlap=list(terms.codes))
    exact |= Q(current_revision__keywords__overlap=list(terms.stems.values()))
    for join in (and_, or_) if words else ():
        query = reduce(join, words)
        revisions = Revision.objects.annotate(words=_EVERYTHING).filter(words=query)
        found = documents.filter(exact | Q(current_revision__in=revisions))
        ranked = found.annotate(rank=SearchRank(_LINES, query)).order_by("-rank", F("changed_at").desc(), "pk")
        scores = {key: float(score) for key, score in ranked.values_list("pk", "rank")[:CANDIDATES]}
        if scores:
            return Ranking(scores, weights, {})
    coded = documents.filter(exact).values_list("pk", flat=True)[:CANDIDATES]
    return Ranking(dict.fromkeys(coded, 1.0), weights, {})
