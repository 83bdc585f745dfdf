{# Runs statements and commits them together. #}
{% macro run_in_one_transaction(statements) -%}
    {{ return(adapter.dispatch('run_in_one_transaction', 'inventory_allocation')(statements)) }}
{%- endmacro %}

{% macro default__run_in_one_transaction(statements) -%}
    {%- call statement(auto_begin=true) -%}
        {{ statements | join('; ') }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{# BigQuery has no transaction around data definition. #}
{% macro bigquery__run_in_one_transaction(statements) -%}
    {%- call statement() -%}
        {{ statements | join('; ') }}
    {%- endcall -%}
{%- endmacro %}
