"""The pure clock in every time zone there is, over changes of the clocks and leap days.

    .venv/bin/python tests/drills/clock.py --years 2023 2024 2025 2026 2027 2028

prints one line, and ends with status 1 where a deadline moves with a zone's wall clock.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

sys.path[0] = str(Path(__file__).resolve().parents[2])

from consults import clock  # noqa: E402 - the path comes first
from consults.calendars import WorkingHours, shifts_from  # noqa: E402

HOUR = timedelta(hours=1)
PROMISED = 48 * 3600
PAUSED = timedelta(hours=7)
OFFICE = tuple(shifts_from([["08:00", "17:00"]]) for _ in range(7))


def moments(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """Where it may go wrong: around each change of this zone's clocks, the leap day, and the turn of the year."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    before = at.astimezone(zone).utcoffset()
    while at.year == year:
        following = at + timedelta(days=1)
        after = following.astimezone(zone).utcoffset()
        if after != before:
            yield from (at + timedelta(hours=hours) for hours in (-30, -3, 0, 9, 21, 24))
        at, before = following, after
    yield from (datetime(year, 2, 28, hour, 30, tzinfo=UTC) for hour in (0, 12, 23))
    yield datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)


def elapsed(at: datetime, zone: ZoneInfo) -> int:
    """How many of the moments of a promise of 48 hours, paused for seven, are not what plain arithmetic says."""
    local = at.astimezone(zone)
    pause = (at + 5 * HOUR).astimezone(zone)
    resume = (at + 5 * HOUR + PAUSED).astimezone(zone)
    log = [
        clock.Event("start", local, PROMISED),
        clock.Event("pause", pause),
        clock.Event("resume", resume),
    ]
    reading = clock.read(log, now=(at + 20 * HOUR).astimezone(zone))
    wrong = int(reading.due_at != at + 48 * HOUR + PAUSED)
    wrong += reading.crossings["half", 0] != at + 24 * HOUR + PAUSED
    return wrong + (reading.elapsed != 20 * HOUR - PAUSED)


def office(at: datetime, name: str) -> int:
    """Whether nine hours of an office that opens each day at eight end where they must, and count as nine."""
    hours = WorkingHours(name, OFFICE)
    end = hours.reach(at, 9 * HOUR)
    counted = hours.counted(at, end)
    return int(counted != 9 * HOUR or not at + 9 * HOUR <= end <= at + 3 * timedelta(days=1))


def run(years: list[int]) -> int:
    begun, checked, wrong, bad = time.monotonic(), 0, 0, set[str]()
    zones = sorted(available_timezones())
    for name in zones:
        zone = ZoneInfo(name)
        for year in years:
            for at in moments(zone, year):
                found = elapsed(at, zone) + office(at, name)
                checked, wrong = checked + 4, wrong + found
                if found:
                    bad.add(f"{name} {at}")
    for line in sorted(bad)[:50]:
        print(line, file=sys.stderr)
    print(
        f"zones={len(zones)} years={len(years)} checked={checked} wrong={wrong} seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(wrong))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="+", default=[2024, 2026])
    sys.exit(run(parser.parse_args().years))


if __name__ == "__main__":
    main()
