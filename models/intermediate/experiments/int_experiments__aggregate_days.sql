-- One row per unit that may be in an experiment (a customer, a region, a centre) and day with an
-- order line: what it did on that day.
{% set units = {'customer': 'customer_id', 'region': 'region_id', 'fc': 'shipping_fc_id'} %}
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

regions as (
    select * from {{ ref('dim_regions') }}
),

-- A line that doesn't say who shipped it counts for the home centre of its region.
locate_lines as (
    select
        transactions.*,
        coalesce(transactions.fc_id, regions.home_fc_id) as shipping_fc_id
    from transactions
    left join regions
        on transactions.region_id = regions.region_id
),

final as (
    {% for unit_type, column in units.items() %}
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
    from locate_lines
    where {{ column }} is not null
    group by {{ column }}, ordered_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
