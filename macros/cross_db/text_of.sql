{#
  Values as text that is the same on every warehouse, for keys and for refused rows. A number
  without decimals has no point; what is no number is NaN, Infinity or -Infinity.
#}
{% macro number_as_text(column) -%}
    case
        when {{ inventory_allocation.is_not_finite(column) }} then
            case
                when {{ column }} = {{ inventory_allocation.cast_to("'Infinity'", 'numeric') }}
                    then 'Infinity'
                when {{ column }} = {{ inventory_allocation.cast_to("'-Infinity'", 'numeric') }}
                    then '-Infinity'
                else 'NaN'
            end
        when abs({{ column }}) < 1e15 and {{ column }} = round({{ column }})
            then cast({{ inventory_allocation.cast_to(column, 'integer') }} as {{ dbt.type_string() }})
        else cast({{ column }} as {{ dbt.type_string() }})
    end
{%- endmacro %}

{% macro timestamp_as_text(column) -%}
    {{ return(adapter.dispatch('timestamp_as_text', 'inventory_allocation')(column)) }}
{%- endmacro %}

{% macro default__timestamp_as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro bigquery__timestamp_as_text(column) -%}
    replace(cast(timestamp_trunc({{ column }}, second) as string), '+00', '')
    || case
        when mod(extract(microsecond from {{ column }}), 1000000) = 0 then ''
        else '.' || rtrim(
            lpad(cast(mod(extract(microsecond from {{ column }}), 1000000) as string), 6, '0'), '0'
        )
    end
{%- endmacro %}

{# Text as a JSON string, in quotes. #}
{% macro string_as_json(column) -%}
    {{ return(adapter.dispatch('string_as_json', 'inventory_allocation')(column)) }}
{%- endmacro %}

{% macro default__string_as_json(column) -%}
    cast(to_json({{ column }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro bigquery__string_as_json(column) -%}
    to_json_string({{ column }})
{%- endmacro %}
