{# A cast to a word of the data contract. #}
{% macro cast_to(expression, contract_type) -%}
    cast({{ expression }} as {{ inventory_allocation.column_type(contract_type) }})
{%- endmacro %}

{#
  Text with white space trimmed; an empty string is null. It sorts by code point on every
  warehouse, as Python does, whatever the order of the database.
#}
{% macro clean_text(column) -%}
    {{ return(adapter.dispatch('clean_text', 'inventory_allocation')(column)) }}
{%- endmacro %}

{# Tabs, line ends and the spaces of Unicode: Postgres trims only the plain space by itself. #}
{% macro default__clean_text(column) -%}
    {%- set spaces = [] -%}
    {%- for code in [9, 10, 11, 12, 13, 32, 133, 160, 5760] + range(8192, 8203) | list
        + [8232, 8233, 8239, 8287, 12288] -%}
        {%- do spaces.append('chr(' ~ code ~ ')') -%}
    {%- endfor -%}
    nullif(trim(cast({{ column }} as {{ dbt.type_string() }}), {{ spaces | join(' || ') }}), '')
{%- endmacro %}

{# Most text begins and ends with a letter or digit: to see that costs a tenth of trimming it. #}
{% macro duckdb__clean_text(column) -%}
    {%- set text = 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    case
        when
            ascii({{ text }}) between 33 and 126
            and ascii(reverse({{ text }})) between 33 and 126
            then {{ text }}
        else {{ inventory_allocation.default__clean_text(column) }}
    end
{%- endmacro %}

{% macro postgres__clean_text(column) -%}
    {{ inventory_allocation.default__clean_text(column) }} collate "C"
{%- endmacro %}

{# Text that sorts by code point, whatever the order of the database or of the column. #}
{% macro by_code_point(column) -%}
    {{ return(adapter.dispatch('by_code_point', 'inventory_allocation')(column)) }}
{%- endmacro %}

{% macro default__by_code_point(column) -%}
    {{ column }}
{%- endmacro %}

{% macro postgres__by_code_point(column) -%}
    {{ column }} collate "C"
{%- endmacro %}

{# An exact decimal: sums of it do not depend on the order of the rows. #}
{% macro cast_to_decimal(expression, scale=4) -%}
    {{ return(adapter.dispatch('cast_to_decimal', 'inventory_allocation')(expression, scale)) }}
{%- endmacro %}

{% macro default__cast_to_decimal(expression, scale) -%}
    cast({{ expression }} as numeric(28, {{ scale }}))
{%- endmacro %}

{# A cast there takes no precision; numeric holds nine decimals. #}
{% macro bigquery__cast_to_decimal(expression, scale) -%}
    round(cast({{ expression }} as numeric), {{ scale }})
{%- endmacro %}

{#
  A number of 0 or more, rounded half up to an exact decimal. The rounding is done on doubles, which
  are the same everywhere: casts to a decimal round at different places in different warehouses.
#}
{% macro round_to_decimal(expression, scale) -%}
    {{ inventory_allocation.cast_to_decimal(
        'floor(' ~ inventory_allocation.cast_to(expression, 'numeric') ~ ' * 1e' ~ scale
        ~ ' + 0.5) / 1e' ~ scale, scale
    ) }}
{%- endmacro %}
