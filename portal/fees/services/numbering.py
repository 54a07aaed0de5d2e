"""Numbers without a gap: one row for each series, given under its lock and in the document's own transaction."""

from datetime import date

from portal.fees.models import Series

INVOICES = "INV"
CREDIT_NOTES = "CN"


def next_number(kind: str, day: date) -> tuple[Series, int]:
    """The series of the day's year and the next number of it.

    The series stays locked until the transaction ends: one that fails gives its number back, and the next one waits
    until that is known. So no number is missing, and none is given twice.
    """
    prefix = f"{kind}-{day.year}-"
    Series.objects.get_or_create(prefix=prefix)
    series = Series.objects.select_for_update().get(prefix=prefix)
    series.last += 1
    series.save(update_fields=["last"])
    return series, series.last
