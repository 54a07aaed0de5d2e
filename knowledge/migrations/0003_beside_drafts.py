"""What is kept while a draft is written, and the pictures and PDFs of documents.

Saves and desks serve until the draft leaves that state, whoever moves it on: a trigger takes them away. What a
picture's name stands for never changes, and what a frozen revision shows stays.
"""

from django.db import migrations

PRUNE = """
CREATE FUNCTION knowledge_draft_is_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM knowledge_draftsave WHERE revision_id = NEW.id;
  DELETE FROM knowledge_draftdesk WHERE revision_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER draft_is_done AFTER UPDATE OF state ON knowledge_revision
  FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION knowledge_draft_is_done();
"""
KEEP = """
DROP TRIGGER draft_is_done ON knowledge_revision;
DROP FUNCTION knowledge_draft_is_done();
"""

FREEZE = """
CREATE FUNCTION knowledge_attachment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'attachment % never changes', OLD.name USING ERRCODE = 'restrict_violation';
  ELSIF EXISTS (SELECT 1 FROM knowledge_revision r WHERE r.document_id = OLD.document_id AND r.state <> 'draft'
                AND position('](attachment:' || OLD.name || ')' IN r.body) > 0) THEN
    RAISE EXCEPTION 'attachment % is shown by a revision that is frozen', OLD.name USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER attachment_frozen BEFORE UPDATE OR DELETE ON knowledge_documentattachment
  FOR EACH ROW EXECUTE FUNCTION knowledge_attachment_frozen();
"""
THAW = """
DROP TRIGGER attachment_frozen ON knowledge_documentattachment;
DROP FUNCTION knowledge_attachment_frozen();
"""


class Migration(migrations.Migration):
    replaces = [("knowledge", "0040_writing")]
    dependencies = [("knowledge", "0002_editorial_rules")]
    operations = [migrations.RunSQL(PRUNE, KEEP), migrations.RunSQL(FREEZE, THAW)]
