"""A revision that has left draft is frozen, with its recommendations' words and its references: the database says so.

What may still change is its state, and when and by whom a recommendation was last verified.
"""

from django.db import migrations

FREEZE = """
CREATE FUNCTION knowledge_revision_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.state <> 'draft' THEN
    RAISE EXCEPTION 'revision % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  ELSIF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND (
      NEW.state = 'draft' OR
      (OLD.document_id, OLD.number, OLD.title, OLD.summary, OLD.body, OLD.keywords, OLD.codes, OLD.source,
       OLD.calculator, OLD.review_due, OLD.content_hash, OLD.author_id, OLD.published_at, OLD.published_by_id)
      IS DISTINCT FROM
      (NEW.document_id, NEW.number, NEW.title, NEW.summary, NEW.body, NEW.keywords, NEW.codes, NEW.source,
       NEW.calculator, NEW.review_due, NEW.content_hash, NEW.author_id, NEW.published_at, NEW.published_by_id)) THEN
    RAISE EXCEPTION 'revision % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER revision_frozen BEFORE UPDATE OR DELETE ON knowledge_revision
  FOR EACH ROW EXECUTE FUNCTION knowledge_revision_frozen();

CREATE FUNCTION knowledge_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF TG_TABLE_NAME = 'knowledge_recommendation' AND TG_OP = 'UPDATE' THEN
    IF (OLD.revision_id, OLD.position, OLD.key, OLD.text, OLD.strength, OLD.grade) IS NOT DISTINCT FROM
       (NEW.revision_id, NEW.position, NEW.key, NEW.text, NEW.strength, NEW.grade) THEN
      RETURN NEW;
    END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM knowledge_revision r WHERE r.id = part.revision_id AND r.state <> 'draft') THEN
    RAISE EXCEPTION 'revision % is frozen', part.revision_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN part;
END $$;
CREATE TRIGGER recommendation_frozen BEFORE INSERT OR UPDATE OR DELETE ON knowledge_recommendation
  FOR EACH ROW EXECUTE FUNCTION knowledge_part_frozen();
CREATE TRIGGER reference_frozen BEFORE INSERT OR UPDATE OR DELETE ON knowledge_reference
  FOR EACH ROW EXECUTE FUNCTION knowledge_part_frozen();
"""
THAW = """
DROP TRIGGER revision_frozen ON knowledge_revision;
DROP TRIGGER recommendation_frozen ON knowledge_recommendation;
DROP TRIGGER reference_frozen ON knowledge_reference;
DROP FUNCTION knowledge_revision_frozen();
DROP FUNCTION knowledge_part_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
