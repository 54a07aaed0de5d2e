"""The specialties a network starts with; a network administrator adds others."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAMES = (
    "Addiction medicine,Cardiology,Critical care,Emergency medicine,Endocrinology,Family medicine,Gastroenterology,"
    "Geriatrics,Hematology,Hospital medicine,Infectious disease,Nephrology,Neurology,Obstetrics,Palliative care,"
    "Pediatrics,Psychiatry,Pulmonology,Rheumatology"
)


def add(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    specialties = apps.get_model("members", "Specialty").objects.using(editor.connection.alias)
    for name in NAMES.split(","):
        specialties.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
