"""Each host's index knows its own state, so that a document no longer knows one index's; and the database's own search.

``knowledge_searchable`` says what is to be found of each published document; entries are copied from it.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

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
FILL = """
INSERT INTO knowledge_searchentry (document_id, words, surface, codes)
SELECT document_id, words, surface, codes FROM knowledge_searchable;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_origin")]
    operations = [
        migrations.RemoveIndex(model_name="document", name="document_unindexed"),
        migrations.RemoveField(model_name="document", name="indexed_version"),
        migrations.RemoveIndex(model_name="revision", name="revision_words"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="knowledge.document",
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.search.SearchVectorField(
                        help_text="Stems: A title and key words, B summary and recommendations, C places, D text"
                    ),
                ),
                (
                    "surface",
                    django.contrib.postgres.search.SearchVectorField(help_text="Whole words, for the dictionary"),
                ),
                (
                    "codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        help_text="ICD-10-CM, with the codes above them",
                        size=None,
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_entry_words"),
                    django.contrib.postgres.indexes.GinIndex(fields=["codes"], name="search_entry_codes"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("stem", models.CharField(db_index=True, max_length=80)),
                ("documents", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(FOLD, "DROP FUNCTION consilium_fold(text);"),
        migrations.RunSQL(SEARCHABLE, "DROP VIEW knowledge_searchable;"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
