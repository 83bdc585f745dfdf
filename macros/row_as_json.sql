{#
  A row as JSON text, the same on every warehouse: each one's own function writes numbers and times
  in another way. A number that JSON has no word for is a string.
#}
{% macro row_as_json(strings=[], numbers=[], booleans=[], timestamps=[], dates=[]) -%}
    {%- set texts = {} -%}
    {%- for column in strings -%}
        {%- do texts.update({column: inventory_allocation.string_as_json(column)}) -%}
    {%- endfor -%}
    {%- for column in numbers -%}
        {%- do texts.update({column: inventory_allocation.number_as_json(column)}) -%}
    {%- endfor -%}
    {%- for column in booleans -%}
        {%- do texts.update({column: inventory_allocation.cast_to(column, 'string')}) -%}
    {%- endfor -%}
    {%- for column in timestamps -%}
        {%- set text = inventory_allocation.timestamp_as_text(column) -%}
        {%- do texts.update({column: "'\"' || " ~ text ~ " || '\"'"}) -%}
    {%- endfor -%}
    {%- for column in dates -%}
        {%- set text = inventory_allocation.cast_to(column, 'string') -%}
        {%- do texts.update({column: "'\"' || " ~ text ~ " || '\"'"}) -%}
    {%- endfor -%}
    '{'
    {%- for column, text in texts.items() %}
    || '{{ ', ' if not loop.first }}"{{ column }}": ' || coalesce({{ text }}, 'null')
    {%- endfor %}
    || '}'
{%- endmacro %}

{% macro number_as_json(column) -%}
    {%- set text = inventory_allocation.number_as_text(column) -%}
    case
        when {{ inventory_allocation.is_not_finite(column) }} then '"' || {{ text }} || '"'
        else {{ text }}
    end
{%- endmacro %}

{# An order line of stg_raw__transactions: for those that need it only, since it takes time. #}
{% macro order_line_as_json() -%}
    {{ inventory_allocation.row_as_json(
        strings=['order_id', 'customer_id', 'sku', 'region_id', 'fc_id'],
        numbers=['order_line', 'quantity', 'unit_price', 'shipping_cost'],
        timestamps=['ordered_at', 'promised_at', 'delivered_at']
    ) }}
{%- endmacro %}
