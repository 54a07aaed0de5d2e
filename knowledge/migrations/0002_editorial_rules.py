"""The rules of the editorial life, held to by the database itself.

A revision that left draft keeps its words; its states follow one another as in ``knowledge.lifecycle``; nobody who wrote
any of it reviews it, also not as a deputy; and it is approved once as many others approved as were needed, none asking
for changes. What may still change in a frozen recommendation is when and by whom it was last verified.
"""

from django.db import migrations

from portal.common.grants import append_only

FREEZE = """
CREATE FUNCTION knowledge_revision_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed text[] := CASE OLD.state
    WHEN 'draft' THEN ARRAY['in-review', 'published']
    WHEN 'in-review' THEN ARRAY['approved', 'returned']
    WHEN 'approved' THEN ARRAY['scheduled', 'published', 'returned']
    WHEN 'scheduled' THEN ARRAY['approved', 'published', 'returned']
    WHEN 'published' THEN ARRAY['superseded', 'retired']
    ELSE ARRAY[]::text[] END;
BEGIN
  IF OLD.state = 'draft' AND TG_OP = 'DELETE' THEN
    RETURN OLD;
  ELSIF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'revision % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  ELSIF OLD.state <> 'draft' AND
      (OLD.document_id, OLD.number, OLD.title, OLD.summary, OLD.body, OLD.keywords, OLD.codes, OLD.source,
       OLD.calculator, OLD.review_due, OLD.content_hash, OLD.author_id, OLD.specialty_slugs, OLD.edition,
       OLD.based_on_id, OLD.changed_at, OLD.changed_by_id, OLD.submitted_at, OLD.submitted_by_id, OLD.approvals_needed)
      IS DISTINCT FROM
      (NEW.document_id, NEW.number, NEW.title, NEW.summary, NEW.body, NEW.keywords, NEW.codes, NEW.source,
       NEW.calculator, NEW.review_due, NEW.content_hash, NEW.author_id, NEW.specialty_slugs, NEW.edition,
       NEW.based_on_id, NEW.changed_at, NEW.changed_by_id, NEW.submitted_at, NEW.submitted_by_id, NEW.approvals_needed)
  THEN
    RAISE EXCEPTION 'revision % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  ELSIF OLD.published_at IS NOT NULL AND
      (OLD.published_at, OLD.published_by_id) IS DISTINCT FROM (NEW.published_at, NEW.published_by_id) THEN
    RAISE EXCEPTION 'revision % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
  ELSIF NEW.state <> OLD.state AND NOT NEW.state = ANY (allowed) THEN
    RAISE EXCEPTION 'revision % is frozen: % cannot become %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'restrict_violation';
  ELSIF NEW.state = 'in-review' AND NEW.approvals_needed < 1 THEN
    RAISE EXCEPTION 'revision % needs at least one approval', OLD.id USING ERRCODE = 'check_violation';
  ELSIF OLD.state = 'in-review' AND NEW.state = 'approved' AND (
      (SELECT count(*) FROM knowledge_review v WHERE v.revision_id = OLD.id AND v.decision = 'approved')
        < OLD.approvals_needed
      OR EXISTS (SELECT 1 FROM knowledge_review v WHERE v.revision_id = OLD.id AND v.decision = 'changes')) THEN
    RAISE EXCEPTION 'revision % is not approved by as many as it needs', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER revision_frozen BEFORE UPDATE OR DELETE ON knowledge_revision
  FOR EACH ROW EXECUTE FUNCTION knowledge_revision_frozen();

CREATE FUNCTION knowledge_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF TG_TABLE_NAME = 'knowledge_recommendation' AND TG_OP = 'UPDATE' THEN
    IF (OLD.revision_id, OLD.position, OLD.key, OLD.text, OLD.strength, OLD.grade, OLD.evidence) IS NOT DISTINCT FROM
       (NEW.revision_id, NEW.position, NEW.key, NEW.text, NEW.strength, NEW.grade, NEW.evidence) THEN
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

CREATE FUNCTION knowledge_contributor_in_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  row record := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF EXISTS (SELECT 1 FROM knowledge_revision r WHERE r.id = row.revision_id AND r.state <> 'draft') THEN
    RAISE EXCEPTION 'revision % is frozen', row.revision_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN row;
END $$;
CREATE TRIGGER contributor_in_draft BEFORE INSERT OR UPDATE OR DELETE ON knowledge_revision_contributors
  FOR EACH ROW EXECUTE FUNCTION knowledge_contributor_in_draft();
"""
THAW = """
DROP TRIGGER contributor_in_draft ON knowledge_revision_contributors;
DROP FUNCTION knowledge_contributor_in_draft();
DROP TRIGGER revision_frozen ON knowledge_revision;
DROP TRIGGER recommendation_frozen ON knowledge_recommendation;
DROP TRIGGER reference_frozen ON knowledge_reference;
DROP FUNCTION knowledge_revision_frozen();
DROP FUNCTION knowledge_part_frozen();
"""

REVIEWS = """
CREATE FUNCTION knowledge_wrote(revision bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM knowledge_revision r WHERE r.id = revision AND r.author_id = person)
      OR EXISTS (SELECT 1 FROM knowledge_revision_contributors c WHERE c.revision_id = revision AND c.person_id = person)
$$;

CREATE FUNCTION knowledge_review_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF knowledge_wrote(NEW.revision_id, NEW.reviewer_id) OR knowledge_wrote(NEW.revision_id, NEW.deputy_id)
      OR knowledge_wrote(NEW.revision_id, NEW.decided_by_id) THEN
    RAISE EXCEPTION 'whoever wrote revision % cannot review it', NEW.revision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'review_by_another';
  ELSIF TG_OP = 'UPDATE' AND OLD.decision <> '' THEN
    RAISE EXCEPTION 'review % is decided', OLD.id USING ERRCODE = 'restrict_violation';
  ELSIF NEW.decision <> '' AND NEW.decided_by_id IS DISTINCT FROM NEW.reviewer_id
      AND NEW.decided_by_id IS DISTINCT FROM NEW.deputy_id THEN
    RAISE EXCEPTION 'review % is decided by its reviewer or their deputy', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_by_another BEFORE INSERT OR UPDATE ON knowledge_review
  FOR EACH ROW EXECUTE FUNCTION knowledge_review_by_another();
"""
NO_REVIEWS = """
DROP TRIGGER review_by_another ON knowledge_review;
DROP FUNCTION knowledge_review_by_another();
DROP FUNCTION knowledge_wrote(bigint, bigint);
"""


class Migration(migrations.Migration):
    replaces = [("knowledge", "0006_editorial_rules")]
    dependencies = [
        # 0001_tables by its last old name: where a part alone of what it stands for was applied, Django says so.
        ("knowledge", "0041_attachments"),
        ("common", "0002_rights"),
    ]
    operations = [
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunSQL(REVIEWS, NO_REVIEWS),
        append_only("knowledge_verification"),
    ]
