"""The database's own search: ``knowledge_searchable`` says what is to be found of each published document.

Entries are copied from it.
"""

from django.db import migrations

# As the words of the other engine are folded: accents go, British spellings become American, what is no word parts.
FOLD = r"""
CREATE FUNCTION consilium_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(replace(replace(
    regexp_replace(regexp_replace(lower(normalize($1, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g'),
    'ae', 'e'), 'oe', 'e'), '([a-z]{3})our(s?\M|ed|ing)', '\1or\2', 'g') $$;
"""
SEARCHABLE = r"""
CREATE VIEW knowledge_searchable AS
SELECT document_id, codes,
       setweight(to_tsvector('english', consilium_fold(name)), 'A')
         || setweight(to_tsvector('english', consilium_fold(gist)), 'B')
         || setweight(to_tsvector('english', consilium_fold(place)), 'C')
         || setweight(to_tsvector('english', consilium_fold(body)), 'D') AS words,
       to_tsvector('simple', regexp_replace(concat_ws(' ', name, gist, place, body), '[^[:alnum:]]+', ' ', 'g')) AS surface
  FROM (
    SELECT d.id AS document_id,
           r.codes || ARRAY(SELECT split_part(code, '.', 1)::varchar(10) FROM unnest(r.codes) AS code) AS codes,
           concat_ws(' ', r.title, array_to_string(r.keywords, ' ')) AS name,
           left(concat_ws(' ', r.summary, (SELECT string_agg(text, ' ') FROM knowledge_recommendation
                                            WHERE revision_id = r.id)), 100000) AS gist,
           concat_ws(' ', replace(d.kind, 'handout', 'patient handout'), d.tool_type,
                     (SELECT string_agg(s.name, ' ') FROM knowledge_document_specialties p
                        JOIN members_specialty s ON s.id = p.specialty_id WHERE p.document_id = d.id)) AS place,
           left(regexp_replace(r.body, '```mermaid.*?```', ' ', 'g'), 300000) AS body
      FROM knowledge_document d JOIN knowledge_revision r ON r.id = d.current_revision_id
     WHERE d.retired_at IS NULL
  ) parts;
"""


class Migration(migrations.Migration):
    replaces = [("knowledge", "0011_an_index_on_every_host")]
    dependencies = [("knowledge", "0003_beside_drafts")]
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION consilium_fold(text);"),
        migrations.RunSQL(SEARCHABLE, "DROP VIEW knowledge_searchable;"),
    ]
