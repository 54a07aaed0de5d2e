"""The audit trail: its walls, seals that are put once, and a door for old events to leave by."""

from django.db import migrations

from portal.common.grants import may_run, may_update

# What a member's transaction sees: what concerns their organizations, or was done by the people of these. Anybody's
# transaction may add an event. The condition is spelt out, because the walls' functions belong to the consults.
WALL = """
ALTER TABLE common_auditevent ENABLE ROW LEVEL SECURITY; ALTER TABLE common_auditevent FORCE ROW LEVEL SECURITY;
CREATE FUNCTION consilium_audit_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('consilium.organizations', true), '') = '*' $$;
CREATE FUNCTION consilium_audit_organizations() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN coalesce(current_setting('consilium.organizations', true), '') IN ('', '*') THEN '{}'::bigint[]
            ELSE string_to_array(current_setting('consilium.organizations', true), ',')::bigint[] END $$;
CREATE POLICY audit_added ON common_auditevent FOR INSERT WITH CHECK (true);
CREATE POLICY audit_read ON common_auditevent FOR SELECT USING (
  (SELECT consilium_audit_sees_all())
  OR organization_id = ANY ((SELECT consilium_audit_organizations())::bigint[])
  OR (organization_id IS NULL AND of_organizations && (SELECT consilium_audit_organizations())::bigint[]));
CREATE POLICY audit_sealed ON common_auditevent FOR UPDATE USING ((SELECT consilium_audit_sees_all()));
CREATE POLICY audit_gone ON common_auditevent FOR DELETE USING ((SELECT consilium_audit_sees_all()));
"""
NO_WALL = """
DROP POLICY audit_gone ON common_auditevent; DROP POLICY audit_sealed ON common_auditevent;
DROP POLICY audit_read ON common_auditevent; DROP POLICY audit_added ON common_auditevent;
DROP FUNCTION consilium_audit_organizations(); DROP FUNCTION consilium_audit_sees_all();
ALTER TABLE common_auditevent NO FORCE ROW LEVEL SECURITY; ALTER TABLE common_auditevent DISABLE ROW LEVEL SECURITY;
"""

# A seal is put once. Old events leave through a function of the owner's, which itself looks that they are old and
# that a checkpoint lets them go: the application's role may delete nothing.
ONCE = """
CREATE FUNCTION consilium_audit_seal_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.sequence IS NOT NULL THEN
    RAISE EXCEPTION 'audit event % is sealed', OLD.id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_seal_once BEFORE UPDATE ON common_auditevent
  FOR EACH ROW EXECUTE FUNCTION consilium_audit_seal_once();
CREATE FUNCTION consilium_audit_prune(through bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE gone bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM common_auditcheckpoint c JOIN common_auditevent e USING (sequence, digest)
                  WHERE c.is_cut AND c.sequence = through) THEN
    RAISE EXCEPTION 'no checkpoint lets the audit events up to % go', through;
  END IF;
  IF EXISTS (SELECT 1 FROM common_auditevent WHERE sequence <= through AND at > now() - interval '365 days') THEN
    RAISE EXCEPTION 'audit events up to % are younger than a year', through;
  END IF;
  DELETE FROM common_auditevent WHERE sequence <= through;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION consilium_audit_prune(bigint) FROM PUBLIC;
"""
NOT_ONCE = """
DROP FUNCTION consilium_audit_prune(bigint);
DROP TRIGGER audit_seal_once ON common_auditevent;
DROP FUNCTION consilium_audit_seal_once();
"""


class Migration(migrations.Migration):
    replaces = [("common", "0006_audit_chain")]
    dependencies = [("common", "0002_rights")]
    operations = [
        migrations.RunSQL(WALL, NO_WALL),
        migrations.RunSQL(ONCE, NOT_ONCE),
        may_update("common_auditevent", "sequence", "previous", "digest"),
        may_run("consilium_audit_prune(bigint)"),
    ]
