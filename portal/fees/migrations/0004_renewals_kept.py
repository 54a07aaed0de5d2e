"""An offer of the next agreement: its terms are frozen once it is made, and what follows from it follows to the day."""

from django.db import migrations

STAYS = """
CREATE FUNCTION fees_renewal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'an offer is withdrawn, never removed'; END IF;
  IF OLD.state IN ('accepted', 'declined', 'withdrawn', 'lapsed') THEN
    RAISE EXCEPTION 'this offer has ended'; END IF;
  IF OLD.state = 'offered' AND ROW(
       NEW.account_id, NEW.agreement_id, NEW.starts_on, NEW.until, NEW.version_id, NEW.tier, NEW.facilities,
       NEW.clinicians, NEW.discount_points, NEW.cycle, NEW.days_to_pay, NEW.draft_days, NEW.offered_by_id,
       NEW.offered_at, NEW.offered_to)
     IS DISTINCT FROM ROW(
       OLD.account_id, OLD.agreement_id, OLD.starts_on, OLD.until, OLD.version_id, OLD.tier, OLD.facilities,
       OLD.clinicians, OLD.discount_points, OLD.cycle, OLD.days_to_pay, OLD.draft_days, OLD.offered_by_id,
       OLD.offered_at, OLD.offered_to)
  THEN RAISE EXCEPTION 'the terms of an offer are frozen'; END IF;
  IF OLD.state = 'offered' AND NEW.state = 'draft' THEN RAISE EXCEPTION 'an offer is never a draft again'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER renewal_stays BEFORE UPDATE OR DELETE ON fees_renewal
  FOR EACH ROW EXECUTE FUNCTION fees_renewal_stays();
"""
FOLLOWS = """
CREATE FUNCTION fees_renewal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'accepted' AND NOT EXISTS (
       SELECT 1 FROM fees_agreement was, fees_agreement made
        WHERE was.id = NEW.agreement_id AND made.id = NEW.made_id AND was.account_id = NEW.account_id
          AND made.account_id = NEW.account_id AND coalesce(was.ended_on, was.until) = made.starts_on
          AND made.starts_on = NEW.starts_on AND made.until = NEW.until)
  THEN RAISE EXCEPTION 'what an accepted offer made follows to the day, as it was offered'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER renewal_follows BEFORE INSERT OR UPDATE ON fees_renewal
  FOR EACH ROW EXECUTE FUNCTION fees_renewal_follows();
"""


class Migration(migrations.Migration):
    replaces = [("fees", "0007_agreements_never_overlap")]
    dependencies = [("fees", "0003_books")]
    operations = [
        migrations.RunSQL(STAYS, "DROP FUNCTION fees_renewal_stays() CASCADE"),
        migrations.RunSQL(FOLLOWS, "DROP FUNCTION fees_renewal_follows() CASCADE"),
    ]
