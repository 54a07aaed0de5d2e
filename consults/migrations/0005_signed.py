"""What was signed stays, and minutes are mended by who wrote them alone."""

from django.db import migrations

SIGNED = """
CREATE FUNCTION consults_signed_stays() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'What was signed is never changed; write an addendum'
     USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER conclusion_signed BEFORE UPDATE OR DELETE ON consults_conclusion
  FOR EACH ROW EXECUTE FUNCTION consults_signed_stays();
CREATE TRIGGER message_signed BEFORE UPDATE OR DELETE ON consults_message
  FOR EACH ROW WHEN (OLD.kind IN ('conclusion', 'addendum')) EXECUTE FUNCTION consults_signed_stays();
"""
UNSIGNED = """
DROP TRIGGER message_signed ON consults_message;
DROP TRIGGER conclusion_signed ON consults_conclusion;
DROP FUNCTION consults_signed_stays();
"""
# The application may not update messages at all (0004). The owner's trigger does it for a mend, and for nobody but the
# message's author, from the minutes that are there.
MENDS = """
CREATE FUNCTION consults_mend_minutes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS
  $$ BEGIN
    UPDATE consults_message SET minutes = NEW.after
      WHERE id = NEW.message_id AND author_id = NEW.by_id AND minutes IS NOT DISTINCT FROM NEW.before;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'only its author mends the minutes of message %, from what they are', NEW.message_id
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
REVOKE ALL ON FUNCTION consults_mend_minutes() FROM PUBLIC;
CREATE TRIGGER minutes_follow AFTER INSERT ON consults_minutesmend
  FOR EACH ROW EXECUTE FUNCTION consults_mend_minutes();
"""
UNMENDS = """
DROP TRIGGER minutes_follow ON consults_minutesmend;
DROP FUNCTION consults_mend_minutes();
"""


class Migration(migrations.Migration):
    replaces = [("consults", "0030_conferences")]
    dependencies = [("consults", "0004_logs")]
    operations = [migrations.RunSQL(SIGNED, UNSIGNED), migrations.RunSQL(MENDS, UNMENDS)]
