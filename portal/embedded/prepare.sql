-- The roles, the database and the extensions of the embedded server. Run at each start; changes nothing that is right.
\getenv owner_password OWNER_PASSWORD
\getenv owner_rights OWNER_RIGHTS
\getenv application_password APPLICATION_PASSWORD
SET client_min_messages = warning;
SET password_encryption = 'scram-sha-256';

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['consilium_owner', 'consilium_app']) name
 WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
ALTER ROLE consilium_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION :owner_rights
    PASSWORD :'owner_password';
ALTER ROLE consilium_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB
    PASSWORD :'application_password';

SELECT 'CREATE DATABASE consilium OWNER consilium_owner'
 WHERE 'consilium' NOT IN (SELECT datname FROM pg_database) \gexec
