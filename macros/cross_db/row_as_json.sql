{# A row as JSON text, from the name of the CTE or table it stands in. #}
{% macro row_as_json(relation_alias) -%}
    {{ return(adapter.dispatch('row_as_json', 'inventory_allocation')(relation_alias)) }}
{%- endmacro %}

{% macro default__row_as_json(relation_alias) -%}
    cast(to_json({{ relation_alias }}) as varchar)
{%- endmacro %}

{% macro postgres__row_as_json(relation_alias) -%}
    cast(to_jsonb({{ relation_alias }}) as text)
{%- endmacro %}

{% macro bigquery__row_as_json(relation_alias) -%}
    to_json_string({{ relation_alias }})
{%- endmacro %}
