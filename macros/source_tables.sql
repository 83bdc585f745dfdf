{#
  The tables of a source, from its YAML: create the missing ones, add missing nullable columns,
  and say what is wrong with the rest.
#}
{% macro source_nodes(source_name) %}
    {%- set nodes = [] -%}
    {%- for node in graph.sources.values()
        if node.source_name == source_name and node.package_name == 'inventory_allocation' -%}
        {%- do nodes.append(node) -%}
    {%- endfor -%}
    {{- return(nodes | sort(attribute='name')) -}}
{% endmacro %}

{% macro is_required(column) %}
    {{- return(column.get('config', {}).get('meta', {}).get('required', false)
        or column.get('meta', {}).get('required', false)) -}}
{% endmacro %}

{% macro existing_relation(node) %}
    {{- return(adapter.get_relation(node.database, node.schema, node.identifier)) -}}
{% endmacro %}

{# Statements that create the missing tables and nullable columns of a source. #}
{% macro source_table_statements(source_name) %}
    {%- set statements = [] -%}
    {%- set nodes = inventory_allocation.source_nodes(source_name) -%}
    {%- for node in nodes -%}
        {%- set relation = inventory_allocation.existing_relation(node) -%}
        {%- if relation is none -%}
            {%- set columns = [] -%}
            {%- for column in node.columns.values() -%}
                {%- do columns.append(
                    column.name ~ ' ' ~ inventory_allocation.column_type(column.data_type)
                ) -%}
            {%- endfor -%}
            {%- do statements.append(
                'create table ' ~ node.relation_name ~ ' (' ~ columns | join(', ') ~ ')'
            ) -%}
            {%- do log('creating ' ~ node.schema ~ '.' ~ node.identifier, info=true) -%}
        {%- else -%}
            {%- do statements.extend(
                inventory_allocation.missing_column_statements(node, relation)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if statements -%}
        {%- do inventory_allocation.create_missing_schema(nodes[0].database, nodes[0].schema) -%}
    {%- endif -%}
    {{- return(statements) -}}
{% endmacro %}

{% macro missing_column_statements(node, relation) %}
    {%- set statements = [] -%}
    {%- set present = adapter.get_columns_in_relation(relation)
        | map(attribute='name') | map('lower') | list -%}
    {%- for column in node.columns.values()
        if column.name not in present and not inventory_allocation.is_required(column) -%}
        {%- do statements.append(
            'alter table ' ~ relation ~ ' add column '
            ~ column.name ~ ' ' ~ inventory_allocation.column_type(column.data_type)
        ) -%}
        {%- do log('adding ' ~ node.schema ~ '.' ~ node.identifier ~ '.' ~ column.name, info=true) -%}
    {%- endfor -%}
    {{- return(statements) -}}
{% endmacro %}

{# `dbt run-operation init_raw`: missing raw tables and nullable columns, and never a row. #}
{% macro init_raw() %}
    {%- do inventory_allocation.raise_input_problems(before_init=true) -%}
    {%- set statements = inventory_allocation.source_table_statements('raw') -%}
    {%- if statements -%}
        {%- do inventory_allocation.run_in_one_transaction(statements) -%}
    {%- endif -%}
    {%- do log(
        'raw tables are complete: ' ~ statements | length ~ ' statements were needed', info=true
    ) -%}
{% endmacro %}

{# on-run-start: empty tables of plans, replays and runs, so that a build passes before there is one. #}
{% macro create_planning_tables() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') -%}
        {%- do inventory_allocation.create_source_tables(['planning', 'replay', 'operations']) -%}
    {%- endif -%}
{% endmacro %}

{# `dbt run-operation create_job_tables`: those that a run of the job writes to as it begins. #}
{% macro create_job_tables() %}
    {%- do inventory_allocation.create_source_tables(['operations']) -%}
{% endmacro %}

{% macro create_source_tables(source_names) %}
    {%- set statements = [] -%}
    {%- for name in source_names -%}
        {%- do statements.extend(inventory_allocation.source_table_statements(name)) -%}
    {%- endfor -%}
    {%- if statements -%}
        {%- do inventory_allocation.run_in_one_transaction(statements) -%}
    {%- endif -%}
{% endmacro %}
