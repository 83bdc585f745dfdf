{#
  A whole number of at most 63 bits that is the same for equal values of columns, nulls too. It
  differs from warehouse to warehouse, and may from version to version.
#}
{% macro fingerprint_of(columns) -%}
    {{ return(adapter.dispatch('fingerprint_of', 'inventory_allocation')(columns)) }}
{%- endmacro %}

{% macro default__fingerprint_of(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{% macro postgres__fingerprint_of(columns) -%}
    hashtextextended(cast(row({{ columns | join(', ') }}) as text), 0)
{%- endmacro %}

{# 60 bits of an MD5, as the local emulator was tested with. #}
{% macro bigquery__fingerprint_of(columns) -%}
    cast(concat('0x', substr(to_hex(md5(to_json_string(struct(
        {%- for column in columns -%}
            {{ column }} as column_{{ loop.index }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )))), 1, 15)) as int64)
{%- endmacro %}
