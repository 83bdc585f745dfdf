{# Python models take the stock materializations; only `create table as` differs. #}
{% materialization table, adapter='postgres_local_python', supported_languages=['sql', 'python'] %}
    {%- set relations = materialization_table_default() -%}
    {#- Without statistics, Postgres may join the next model's tables in a nested loop. -#}
    {%- if model.language == 'sql' -%}
        {%- call statement('analyze') -%} analyze {{ this }} {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {{- return(relations) -}}
{% endmaterialization %}

{% materialization incremental, adapter='postgres_local_python', supported_languages=['sql', 'python'] %}
    {{- return(materialization_incremental_default()) -}}
{% endmaterialization %}

{% macro postgres_local_python__create_table_as(temporary, relation, sql) -%}
    {%- if model.language == 'python' -%}
        {%- set kind = 'temporary' if temporary else 'unlogged' if config.get('unlogged') else '' -%}
        {{ adapter.run_python_model(model, relation, kind) }}
    {%- else -%}
        {{ postgres__create_table_as(temporary, relation, sql) }}
    {%- endif -%}
{%- endmacro %}
