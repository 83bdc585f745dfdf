-- Roles with the rights they need and no more. As an administrator, once, in the warehouse's database:
--   psql --dbname warehouse --file deploy/roles/postgres.sql
-- Passwords are set apart from this file: \password inventory_allocation

-- Runs dbt and the job: reads raw, owns what it builds. It may neither write to raw nor make schemas.
create role inventory_allocation login;
-- BI, the dashboard: reads the marts.
create role inventory_allocation_reader login;

-- Temporary tables are how dbt adds to a table that is kept from night to night.
do $$ begin
    execute format(
        'grant connect, temporary on database %I to inventory_allocation', current_database()
    );
    execute format(
        'grant connect on database %I to inventory_allocation_reader', current_database()
    );
end $$;
-- Before Postgres 15 everyone may make tables in public.
revoke create on schema public from public;

grant usage on schema raw to inventory_allocation;
grant select on all tables in schema raw to inventory_allocation;
alter default privileges in schema raw grant select on tables to inventory_allocation;

create schema main authorization inventory_allocation;
create schema main_staging authorization inventory_allocation;
create schema main_intermediate authorization inventory_allocation;
create schema main_snapshots authorization inventory_allocation;
create schema planning authorization inventory_allocation;

grant usage on schema main to inventory_allocation_reader;
alter default privileges for role inventory_allocation in schema main
    grant select on tables to inventory_allocation_reader;
