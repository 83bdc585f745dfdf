{# A ratio of two exact numbers as a double; null where the second is 0. #}
{% macro share_of(part, whole) -%}
    {{ inventory_allocation.cast_to(part, 'numeric') }}
    / nullif({{ inventory_allocation.cast_to(whole, 'numeric') }}, 0)
{%- endmacro %}
