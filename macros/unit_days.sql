{#
  What units that may be in an experiment (customers, regions, centres) did on days, from order
  lines. With `units` (a relation: unit_type, unit_id) only of those.
#}
{% macro unit_days(lines, units=none) -%}
    {%- set columns = {
        'customer': 'customer_id', 'region': 'region_id', 'fc': 'shipping_fc_id'
    } -%}
    {%- for unit_type, column in columns.items() %}
    select
        '{{ unit_type }}' as unit_type,
        {{ column }} as unit_id,
        ordered_date,
        count(distinct case when quantity > 0 then order_id end) as orders,
        sum(case when quantity > 0 then quantity else 0 end) as units,
        sum(revenue) as revenue,
        sum(
            case when quantity > 0 and promised_at is not null and delivered_at is not null
                    then 1
                else 0
            end
        ) as timed_lines,
        sum(
            case when quantity > 0 and promised_at is not null and is_late then 1 else 0 end
        ) as late_lines,
        sum(case when quantity > 0 and shipping_cost is not null then quantity else 0 end)
            as shipped_units,
        sum(case when quantity > 0 then shipping_cost end) as shipping_cost
    from {{ lines }}
    where
        {{ column }} is not null
        {%- if units %}
        and {{ column }} in (select unit_id from {{ units }} where unit_type = '{{ unit_type }}')
        {%- endif %}
    group by {{ column }}, ordered_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
