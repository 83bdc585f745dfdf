{#
  The reason for refusing a row, or null. Reasons are tried in the order of the arguments, then
  contradictions and repeats of the key. The rows must carry `raw_row`, the row as JSON text.

  key           columns of the primary key
  required      further columns that may not be null
  finite        numbers that may not be NaN or infinite
  non_negative  numbers that may not be below 0 (out_of_range)
  conditions    further (reason, SQL condition) pairs
  finds_repeats whether contradictions and repeats are looked for; in a table that may be large, a
                model of its own does that
#}
{% macro rejection_reason(
    key, required=[], finite=[], non_negative=[], conditions=[], finds_repeats=true
) -%}
    case
        when {% for column in key + required -%}
            {{ column }} is null{{ ' or ' if not loop.last }}
        {%- endfor %} then 'null_key'
        {%- if finite %}
        when {% for column in finite -%}
            {{ inventory_allocation.is_not_finite(column) }}{{ ' or ' if not loop.last }}
        {%- endfor %} then 'not_a_number'
        {%- endif %}
        {%- for reason, condition in conditions %}
        when {{ condition }} then '{{ reason }}'
        {%- endfor %}
        {%- if non_negative %}
        when {% for column in non_negative -%}
            {{ column }} < 0{{ ' or ' if not loop.last }}
        {%- endfor %} then 'out_of_range'
        {%- endif %}
        {%- if finds_repeats %}
        else {{ inventory_allocation.repeat_reason(key) }}
        {%- endif %}
    end
{%- endmacro %}

{# The reason for refusing a row whose key contradicts itself, or that came before; or null. #}
{% macro repeat_reason(key) -%}
    {%- set keys = key | join(', ') -%}
    case
        when
            min(raw_row) over (partition by {{ keys }})
            <> max(raw_row) over (partition by {{ keys }})
            then 'conflicting_duplicate'
        when row_number() over (partition by {{ keys }} order by raw_row) > 1
            then 'duplicate'
    end
{%- endmacro %}

{#
  The key of a row as text, its parts joined by a bar. A bar inside a part is percent-encoded, so
  that two keys never give the same text.
#}
{% macro row_key(columns) -%}
    {%- for column in columns -%}
        replace(replace(
            coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''), '%', '%25'
        ), '|', '%7C')
        {{- " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#
  The refused rows of a relation that carries row_key, raw_row and a reason; `occurrence` numbers
  those with the same key.
#}
{% macro select_rejected(relation, source_table, reason='rejection_reason') -%}
    select
        cast('{{ source_table }}' as {{ dbt.type_string() }}) as source_table,
        row_key,
        row_number() over (partition by row_key order by {{ reason }}, raw_row) as occurrence,
        {{ reason }} as reason,
        raw_row
    from {{ relation }}
    where {{ reason }} is not null
{%- endmacro %}
