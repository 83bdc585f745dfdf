-- Roles with the rights they need and no more. As an administrator, once, in the warehouse's database:
--   psql --dbname warehouse --file deploy/roles/postgres.sql
-- Passwords are set apart from this file: \password inventory_allocation

-- Runs dbt and the job: reads raw, owns what it builds. It may not write to raw, make schemas, or
-- make temporary tables where these were revoked.
create role inventory_allocation login;
-- BI, the dashboard: reads the marts.
create role inventory_allocation_reader login;

-- Otherwise everyone may make temporary tables, and before Postgres 15 tables in public.
revoke all on schema public from public;

grant usage on schema raw to inventory_allocation;
grant select on all tables in schema raw to inventory_allocation;
alter default privileges in schema raw grant select on tables to inventory_allocation;

create schema main authorization inventory_allocation;
create schema main_staging authorization inventory_allocation;
create schema main_intermediate authorization inventory_allocation;
create schema planning authorization inventory_allocation;

grant usage on schema main to inventory_allocation_reader;
alter default privileges for role inventory_allocation in schema main
    grant select on tables to inventory_allocation_reader;
