"""What is only added to: the application changes no clock, message, version or decision of before."""

from django.db import migrations

from portal.common.grants import append_only

LOGS = (
    "clockevent",
    "milestone",
    "timelineentry",
    "message",
    "citation",
    "calendarversion",
    "promiseversion",
    "statement",
    "gateversion",
    # No wall of rows around this one: it holds no consult's and no organization's data.
    "ladderversion",
    "callevent",
    "callnote",
    "conclusion",
    "engagementhours",
    "minutesmend",
)


class Migration(migrations.Migration):
    replaces = [("consults", "0022_asking")]
    dependencies = [("consults", "0003_walls")]
    operations = [append_only(*(f"consults_{name}" for name in LOGS))]
