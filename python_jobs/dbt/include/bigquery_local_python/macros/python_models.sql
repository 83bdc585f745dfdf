{# Python models take the stock materializations; the submission method `local` differs. #}
{% macro bigquery_local_python__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set method = config.get('submission_method', target.get('submission_method') or 'local') -%}
    {%- if language == 'python' and method == 'local' -%}
        {{ compiled_code }}

dbt_destination = {{ (relation.database ~ '.' ~ relation.schema ~ '.' ~ relation.identifier) | tojson }}
dbt_partition_by = {{ config.get('partition_by') }}
dbt_cluster_by = {{ config.get('cluster_by') }}
    {%- else -%}
        {{ bigquery__create_table_as(temporary, relation, compiled_code, language) }}
    {%- endif -%}
{%- endmacro %}
