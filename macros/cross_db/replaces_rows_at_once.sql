{# Whether an incremental model's hooks and its rows are one transaction. #}
{% macro replaces_rows_at_once() -%}
    {{ return(adapter.dispatch('replaces_rows_at_once', 'inventory_allocation')()) }}
{%- endmacro %}

{% macro default__replaces_rows_at_once() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro bigquery__replaces_rows_at_once() -%}
    {{ return(false) }}
{%- endmacro %}
