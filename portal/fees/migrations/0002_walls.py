"""Each organization's rows behind its wall, and what is the network's own behind one for everybody else."""

from django.db import migrations

from portal.common.grants import part_of, wall

PARTS = (
    "agreement",
    "invoice",
    "creditnote",
    "payment",
    "allocation",
    "refund",
    "writeoff",
    "entry",
    "posting",
    "standingrecord",
    "extension",
    "hold",
    "correspondence",
    "reminder",
    "checkout",
    "providermove",
    "renewal",
    "renewalreminder",
)
OF_PARTS = {"terms": "agreement", "usagerecord": "agreement", "invoiceline": "invoice", "creditline": "creditnote"}
COLUMNS = {"creditnote": "credit_note_id"}
NETWORKS_OWN = ("bankfile", "banklayout", "bankline", "providerevent")


def of(name: str, whole: str) -> migrations.RunSQL:
    """Rows exist where their whole does."""
    table, column = f"fees_{name}", COLUMNS.get(whole, f"{whole}_id")
    return wall(table, part_of(table, f"fees_{whole}", column))


class Migration(migrations.Migration):
    replaces = [("fees", "0002_rules")]
    dependencies = [
        # 0001_tables by its last old name: where a part alone of what it stands for was applied, Django says so.
        ("fees", "0008_renewals"),
        ("common", "0002_rights"),
    ]
    operations = [
        wall("fees_account"),
        *(of(name, "account") for name in PARTS),
        *(of(name, whole) for name, whole in OF_PARTS.items()),
        *(wall(f"fees_{name}", "false") for name in NETWORKS_OWN),
    ]
