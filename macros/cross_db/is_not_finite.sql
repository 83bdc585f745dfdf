{# True where a number is NaN or infinite; never true for null. #}
{% macro is_not_finite(column) -%}
    {{ return(adapter.dispatch('is_not_finite', 'inventory_allocation')(column)) }}
{%- endmacro %}

{% macro default__is_not_finite(column) -%}
    (not isfinite(cast({{ column }} as double)))
{%- endmacro %}

{% macro postgres__is_not_finite(column) -%}
    (cast({{ column }} as double precision) in ('NaN', 'Infinity', '-Infinity'))
{%- endmacro %}

{% macro bigquery__is_not_finite(column) -%}
    (is_nan({{ column }}) or is_inf({{ column }}))
{%- endmacro %}
