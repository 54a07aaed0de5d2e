-- What every database of the embedded server has.
SET client_min_messages = warning;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT format('CREATE EXTENSION IF NOT EXISTS %I', name) FROM pg_available_extensions
 WHERE name IN ('pg_trgm', 'unaccent', 'btree_gist', 'citext') AND installed_version IS NULL \gexec
