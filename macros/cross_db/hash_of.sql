{#
  A number of 64 bits that is the same for equal values of columns, to find what may be equal with
  less memory than the values take. It differs from warehouse to warehouse: never keep it.
#}
{% macro hash_of(columns) -%}
    {{ return(adapter.dispatch('hash_of', 'inventory_allocation')(columns)) }}
{%- endmacro %}

{% macro default__hash_of(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro postgres__hash_of(columns) -%}
    hashtextextended({% for column in columns -%}
        cast({{ column }} as text){{ " || '|' || " if not loop.last }}
    {%- endfor %}, 0)
{%- endmacro %}

{# The local emulator knows no farm_fingerprint; there memory is no concern of ours. #}
{% macro bigquery__hash_of(columns) -%}
    {%- for column in columns -%}
        cast({{ column }} as string){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
