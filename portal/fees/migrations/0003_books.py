"""What the database itself holds to: nothing final or posted ever changed, every entry in balance, and numbers that go
up by one.

The triggers hold for the owner of the tables too; the application's role has no right to change these rows at all.
"""

from django.db import migrations

from portal.common.grants import append_only

NEVER_CHANGED = (
    "planversion",
    "terms",
    "creditnote",
    "creditline",
    "payment",
    "allocation",
    "refund",
    "writeoff",
    "entry",
    "posting",
    "standingrecord",
    "extension",
    "hold",
    "reminder",
    "checkout",
    "providermove",
    "renewalreminder",
)

NEVER = """
CREATE FUNCTION fees_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME; END $$;
"""
FINAL = """
CREATE FUNCTION fees_final_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.number IS NOT NULL THEN RAISE EXCEPTION 'invoice % is final', OLD.number; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fees_invoiceline WHERE invoice_id = NEW.id
     HAVING coalesce(sum(cents), 0) = NEW.net_cents AND coalesce(sum(tax_cents), 0) = NEW.tax_cents)
  THEN RAISE EXCEPTION 'invoice % is not the sum of its lines', NEW.number; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER final_stays BEFORE UPDATE OR DELETE ON fees_invoice FOR EACH ROW EXECUTE FUNCTION fees_final_stays();
CREATE FUNCTION fees_draft_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an invoice is a draft before it is final'; END $$;
CREATE TRIGGER draft_first BEFORE INSERT ON fees_invoice FOR EACH ROW WHEN (NEW.number IS NOT NULL)
  EXECUTE FUNCTION fees_draft_first();
CREATE FUNCTION fees_line_of_final_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM fees_invoice WHERE id = OLD.invoice_id AND number IS NOT NULL)
  OR TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM fees_invoice WHERE id = NEW.invoice_id AND number IS NOT NULL)
  THEN RAISE EXCEPTION 'the invoice of this line is final'; END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER line_of_final_stays BEFORE INSERT OR UPDATE OR DELETE ON fees_invoiceline
  FOR EACH ROW EXECUTE FUNCTION fees_line_of_final_stays();
"""
BALANCE = """
CREATE FUNCTION fees_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry bigint := CASE TG_TABLE_NAME WHEN 'fees_entry' THEN NEW.id ELSE (to_jsonb(NEW)->>'entry_id')::bigint END;
BEGIN
  IF (SELECT sum(cents) FROM fees_posting WHERE entry_id = entry) IS DISTINCT FROM 0
  THEN RAISE EXCEPTION 'entry % does not balance', entry; END IF;
  IF EXISTS (SELECT 1 FROM fees_posting p JOIN fees_entry e ON e.id = p.entry_id
              WHERE e.id = entry AND p.account_id <> e.account_id)
  THEN RAISE EXCEPTION 'entry % is of another account', entry; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON fees_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION fees_entry_balances();
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON fees_posting DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION fees_entry_balances();
"""
SERIES = """
CREATE FUNCTION fees_series_by_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.last = 0 THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND NEW.prefix = OLD.prefix AND NEW.last = OLD.last + 1 THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'numbers of a series go up by one';
END $$;
CREATE TRIGGER series_by_one BEFORE INSERT OR UPDATE OR DELETE ON fees_series
  FOR EACH ROW EXECUTE FUNCTION fees_series_by_one();
"""
UNDO = {
    NEVER: "DROP FUNCTION fees_never_changed()",
    FINAL: "DROP FUNCTION fees_final_stays() CASCADE; DROP FUNCTION fees_draft_first() CASCADE;"
    "DROP FUNCTION fees_line_of_final_stays() CASCADE",
    BALANCE: "DROP FUNCTION fees_entry_balances() CASCADE",
    SERIES: "DROP FUNCTION fees_series_by_one() CASCADE",
}


def never_changed(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON fees_{table} "
        "FOR EACH ROW EXECUTE FUNCTION fees_never_changed()",
        f"DROP TRIGGER never_changed ON fees_{table}",
    )


class Migration(migrations.Migration):
    replaces = [("fees", "0006_bank_reminders_provider")]
    dependencies = [("fees", "0002_walls")]
    operations = [
        *(migrations.RunSQL(sql, undo) for sql, undo in UNDO.items()),
        *(never_changed(name) for name in NEVER_CHANGED),
        append_only(*(f"fees_{name}" for name in NEVER_CHANGED)),
    ]
