"""The board and the scoreboard over REST: the same figures and the same rules as the pages."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import board, comparison, scoreboard
from consults.api import PROBLEM, person_of
from consults.serializers import BriefPerson
from portal.common.refusals import Invalid, Refused


class BoardColleague(serializers.Serializer[Any]):
    person = BriefPerson()
    open_work = serializers.IntegerField(help_text="In every section")
    cap = serializers.IntegerField(allow_null=True)
    away_until = serializers.DateTimeField(allow_null=True)


class BoardFigures(serializers.Serializer[Any]):
    """Open consults: how many of them wait, are due until midnight of the caller's time, are at risk, are late."""

    open = serializers.IntegerField()
    not_taken = serializers.IntegerField()
    waiting = serializers.IntegerField()
    due_today = serializers.IntegerField()
    at_risk = serializers.IntegerField()
    late = serializers.IntegerField()


class BoardSection(serializers.Serializer[Any]):
    specialty = serializers.SlugField()
    figures = BoardFigures()
    on_call = BoardColleague(allow_null=True)
    backup = BoardColleague(allow_null=True)
    people = BoardColleague(many=True)


class OutcomeFigures(serializers.Serializer[Any]):
    """Lengths are in hours; a share is from 0 to 1; null is nothing to count."""

    n = serializers.IntegerField(help_text="First answers")
    median_hours = serializers.FloatField(allow_null=True, help_text="From sending to the first answer")
    p90_hours = serializers.FloatField(allow_null=True)
    median_counted_hours = serializers.FloatField(allow_null=True, help_text="On the promise's own clock")
    p90_counted_hours = serializers.FloatField(allow_null=True)
    on_time_share = serializers.FloatField(allow_null=True)
    without_asking_share = serializers.FloatField(allow_null=True)
    median_taken_hours = serializers.FloatField(allow_null=True)
    minutes_n = serializers.IntegerField()
    minutes = serializers.IntegerField(allow_null=True)
    mean_minutes = serializers.FloatField(allow_null=True)
    surveys = serializers.IntegerField()
    confirmed_share = serializers.FloatField(allow_null=True)
    new_share = serializers.FloatField(allow_null=True)
    not_useful_share = serializers.FloatField(allow_null=True)
    contemplated = serializers.IntegerField()
    avoided = serializers.IntegerField()
    avoided_share = serializers.FloatField(allow_null=True)


class ScoreboardRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    figures = OutcomeFigures()


class ScoreboardShape(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=list(scoreboard.GROUPS.items()))
    since = serializers.CharField(help_text="Month, as 2026-11")
    until = serializers.CharField()
    rows = ScoreboardRow(many=True)
    together = OutcomeFigures()


class RestFigures(serializers.Serializer[Any]):
    """Of all other organizations; null is withheld, or nothing to count where ``n`` is 0."""

    n = serializers.IntegerField(allow_null=True)
    median_hours = serializers.FloatField(allow_null=True)
    p90_hours = serializers.FloatField(allow_null=True)
    on_time_share = serializers.FloatField(allow_null=True)
    without_asking_share = serializers.FloatField(allow_null=True)


class ComparedRow(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="specialty, month or total")
    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    own = OutcomeFigures()
    rest = RestFigures()


class ComparisonShape(serializers.Serializer[Any]):
    quarter = serializers.CharField(help_text="As 2026-Q3")
    rows = ComparedRow(many=True)


class BoardView(APIView):
    @extend_schema(
        operation_id="board_list",
        parameters=[OpenApiParameter("specialty", str, description="Slug of one section")],
        responses={200: BoardSection(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """What is open in the sections the caller sees, and who is on call, away or full."""
        person = person_of(request)
        if not board.may_see(person):
            raise Refused("The board is for those who answer questions, and for the network's administrators.")
        shown, slug = board.specialties(person), request.query_params.get("specialty")
        if slug is not None:
            shown = [row for row in shown if row.slug == slug]
            if not shown:
                raise Http404
        rows = board.board(person, shown, now=timezone.now(), zone=ZoneInfo(person.time_zone))
        return Response(BoardSection([_section(row) for row in rows], many=True).data)


def _section(row: board.Section) -> dict[str, Any]:
    return {
        "specialty": row.specialty.slug,
        "figures": {figure.key.replace("-", "_"): figure.count for figure in row.figures},
        "on_call": row.on_call,
        "backup": row.backup,
        "people": row.people,
    }


class ScoreboardView(APIView):
    @extend_schema(
        operation_id="scoreboard_retrieve",
        parameters=[
            OpenApiParameter("by", str, enum=list(scoreboard.GROUPS)),
            OpenApiParameter("since", str, description="First month, as 2026-06"),
            OpenApiParameter("until", str, description="Last month"),
            OpenApiParameter("specialty", str, description="Slug"),
            OpenApiParameter("organization", str, description="Slug"),
        ],
        responses={200: ScoreboardShape, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """What came of answered questions, of all that the caller sees."""
        person, asked = person_of(request), request.query_params
        if not scoreboard.may_see(person):
            raise Refused("The scoreboard is for the network's staff and for administrators of organizations.")
        first, last = scoreboard.usual(timezone.now())
        chosen = scoreboard.Chosen(
            by=asked.get("by", "specialty"),
            since=_month(asked, "since", first),
            until=_month(asked, "until", last),
            specialty=asked.get("specialty", ""),
            organization=asked.get("organization", ""),
        )
        if chosen.by not in scoreboard.groupings(person):
            raise Invalid(by=f"Use one of {', '.join(scoreboard.groupings(person))}.")
        if chosen.since > chosen.until:
            raise Invalid(until="The last month is not before the first.")
        rows, together = scoreboard.scoreboard(scoreboard.chosen_rows(person, chosen), chosen.by)
        body = {"by": chosen.by, "since": chosen.since, "until": chosen.until, "rows": rows, "together": together}
        return Response(ScoreboardShape(body).data)


def _month(asked: Any, name: str, usual: str) -> str:
    value = asked.get(name, usual)
    try:
        return scoreboard.read_month(value)
    except ValueError:
        raise Invalid(**{name: "Name a month as 2026-11."}) from None


class ComparisonView(APIView):
    @extend_schema(
        operation_id="scoreboard_network",
        parameters=[OpenApiParameter("quarter", str, description="One that has ended, as 2026-Q3")],
        responses={200: ComparisonShape, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A quarter of the caller's organization beside the rest of the network, small numbers withheld."""
        person = person_of(request)
        if not person.actor.administrator_of:
            raise Refused("Only administrators of an organization compare it with the rest of the network.")
        quarters = comparison.quarters(timezone.now())
        quarter = request.query_params.get("quarter", quarters[0])
        if quarter not in quarters:
            raise Invalid(quarter=f"Use one of {', '.join(quarters)}.")
        return Response(ComparisonShape({"quarter": quarter, "rows": comparison.compare(person, quarter)}).data)
