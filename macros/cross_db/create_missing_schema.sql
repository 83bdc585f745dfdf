{# Creates a schema that isn't there; where it is, no right to create one is needed. #}
{% macro create_missing_schema(database, schema) -%}
    {%- if not adapter.dispatch('schema_exists', 'inventory_allocation')(database, schema) -%}
        {%- do adapter.create_schema(
            api.Relation.create(database=database, schema=schema).without_identifier()
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__schema_exists(database, schema) -%}
    {{- return(adapter.check_schema_exists(database, schema)) -}}
{%- endmacro %}

{# The local emulator says of every dataset that it exists, but lists those that do. #}
{% macro bigquery__schema_exists(database, schema) -%}
    {{- return(schema in adapter.list_schemas(database)) -}}
{%- endmacro %}
