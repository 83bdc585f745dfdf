{#
  The warehouse's type for a word of the data contract: string, integer, numeric, timestamp, date
  or boolean. A raw `numeric` is a double, so that NaN and infinity can arrive and be refused.
#}
{% macro column_type(contract_type) %}
    {{- return(adapter.dispatch('column_type', 'inventory_allocation')(contract_type)) -}}
{% endmacro %}

{% macro default__column_type(contract_type) %}
    {{- return({
        'string': dbt.type_string(),
        'integer': dbt.type_bigint(),
        'numeric': 'double precision',
        'timestamp': dbt.type_timestamp(),
        'date': 'date',
        'boolean': dbt.type_boolean(),
    }[contract_type]) -}}
{% endmacro %}

{% macro bigquery__column_type(contract_type) %}
    {%- if contract_type == 'numeric' -%}{{ return('float64') }}{%- endif -%}
    {{- return(inventory_allocation.default__column_type(contract_type)) -}}
{% endmacro %}
