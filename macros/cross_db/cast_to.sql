{# A cast to a word of the data contract. #}
{% macro cast_to(expression, contract_type) -%}
    cast({{ expression }} as {{ inventory_allocation.column_type(contract_type) }})
{%- endmacro %}

{# Text with white space trimmed; an empty string is null. #}
{% macro clean_text(column) -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
{%- endmacro %}

{# An exact decimal: sums of it do not depend on the order of the rows. #}
{% macro cast_to_decimal(expression, scale=4) -%}
    {{ return(adapter.dispatch('cast_to_decimal', 'inventory_allocation')(expression, scale)) }}
{%- endmacro %}

{% macro default__cast_to_decimal(expression, scale) -%}
    cast({{ expression }} as numeric(28, {{ scale }}))
{%- endmacro %}
