-- One row per condition, policy and setting of a replay: what its periods add up to.
{%- set measures = [
    'shipping_cost',
    'handling_cost',
    'late_cost',
    'unmet_cost',
    'holding_cost',
    'order_cost',
    'transfer_cost',
    'truck_cost',
    'storage_overflow_cost',
    'demand_units',
    'shipped_units',
    'within_sla_units',
    'lost_units',
    'demand_cells',
    'stockout_cells',
    'stock_value',
    'shipped_value',
    'orders',
    'split_orders',
    'transferred_units',
    'carbon_kg',
    'replanned_units',
    'planned_or_placed_units'
] %}
with

measures as (
    select * from {{ ref('stg_replay__policy_replay') }}
),

-- Decimals add up to the same in any order.
round_values as (
    select
        run_id,
        condition,
        policy,
        setting,
        is_training,
        measure,
        {{ round_to_decimal('value', 8) }} as value
    from measures
    where policy != 'clairvoyant'
),

final as (
    select
        run_id,
        condition,
        policy,
        setting,
        {% for measure in measures %}
        sum(case when measure = '{{ measure }}' then value else 0 end) as {{ measure }},
        {% endfor %}
        is_training
    from round_values
    group by run_id, condition, policy, setting, is_training
)

select * from final
