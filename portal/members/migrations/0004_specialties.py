"""The specialties a network starts with; a network administrator adds others."""

from django.db import migrations

NAMES = (
    "Addiction medicine,Cardiology,Critical care,Emergency medicine,Endocrinology,Family medicine,Gastroenterology,"
    "Geriatrics,Hematology,Hospital medicine,Infectious disease,Nephrology,Neurology,Obstetrics,Palliative care,"
    "Pediatrics,Psychiatry,Pulmonology,Rheumatology"
)
ADD = f"""
INSERT INTO members_specialty (slug, name)
SELECT replace(lower(name), ' ', '-'), name
  FROM unnest(string_to_array('{NAMES}', ',')) WITH ORDINALITY AS names (name, place) ORDER BY place
"""


class Migration(migrations.Migration):
    replaces = [("members", "0002_specialties")]
    dependencies = [("members", "0003_walls")]
    operations = [migrations.RunSQL(ADD, migrations.RunSQL.noop)]
