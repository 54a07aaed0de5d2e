"""Files of the audit trail become files like all others: what waits is made there, what is there lives out its day."""

from django.db import migrations

SEE_ALL = "SELECT set_config('consilium.organizations', '*', true)"
MOVE = """
INSERT INTO common_export (key, person_id, kind, format, asked, asked_at, powers, tries, done, total, is_cut_short,
                           done_at, why_failed, expires_at, file)
SELECT e.key, e.person_id, 'audit', 'jsonl', e.asked, e.asked_at,
       (SELECT coalesce(jsonb_agg(r.name || ':' || coalesce(r.organization_id, r.specialty_id, 0)), '[]'::jsonb)
          FROM members_role r WHERE r.person_id = e.person_id),
       0, e.lines, e.lines, e.is_cut_short, e.done_at, '', e.expires_at, e.file
  FROM members_auditexport e
 WHERE (e.done_at IS NULL AND e.expires_at IS NULL) OR (e.done_at IS NOT NULL AND e.file <> '')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0007_exports"),
        ("members", "0011_contacts_and_signed"),
    ]

    operations = [
        migrations.RunSQL([SEE_ALL, MOVE], migrations.RunSQL.noop),
        # The triggers of what was moved fire before the table goes.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.DeleteModel(name="AuditExport"),
    ]
