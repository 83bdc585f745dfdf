{#
  Configuration of a table that may grow large: on BigQuery a partition a month, and clusters, so
  that a query by date or SKU pays for less. Elsewhere nothing.
#}
{% macro large_table(date_column, cluster_columns) -%}
    {{ return(adapter.dispatch('large_table', 'inventory_allocation')(date_column, cluster_columns)) }}
{%- endmacro %}

{% macro default__large_table(date_column, cluster_columns) -%}
    {{ return({}) }}
{%- endmacro %}

{% macro bigquery__large_table(date_column, cluster_columns) -%}
    {{ return({
        'partition_by': {'field': date_column, 'data_type': 'date', 'granularity': 'month'},
        'cluster_by': cluster_columns,
    }) }}
{%- endmacro %}
