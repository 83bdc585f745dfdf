-- One row per condition, policy and setting of a replay, on the periods that count.
{%- set cost_parts = [
    'shipping_cost',
    'handling_cost',
    'late_cost',
    'unmet_cost',
    'holding_cost',
    'order_cost',
    'transfer_cost',
    'truck_cost',
    'storage_overflow_cost'
] %}
{%- set ratios = [
    ('shipping_per_unit', 'shipping_cost', 'shipped_units'),
    ('stockout_rate', 'stockout_cells', 'demand_cells'),
    ('lost_share', 'lost_units', 'demand_units'),
    ('fill_rate', 'shipped_units', 'demand_units'),
    ('fill_within_sla', 'within_sla_units', 'demand_units'),
    ('stock_per_demand_unit', 'stock_value', 'demand_units'),
    ('turnover', 'shipped_value', 'stock_value'),
    ('split_share', 'split_orders', 'orders'),
    ('transferred_share', 'transferred_units', 'shipped_units'),
    ('carbon_per_unit', 'carbon_kg', 'shipped_units'),
    ('nervousness', 'replanned_units', 'planned_or_placed_units')
] %}
with

sums as (
    select * from {{ ref('int_replay__add_up_measures') }}
),

runs as (
    select * from {{ ref('stg_replay__replay_runs') }}
),

price_units as (
    select
        *,
        {{ round_to_decimal(
            '(' ~ cost_parts | join(' + ') ~ ') / nullif(demand_units, 0)', 8
        ) }} as cost_per_demand_unit
    from sums
),

rank_settings as (
    select
        run_id,
        condition,
        policy,
        setting,
        row_number() over (
            partition by run_id, condition, policy
            order by cost_per_demand_unit, setting
        ) as training_rank
    from price_units
    where is_training
),

final as (
    select
        {{ cast_to('price_units.run_id', 'string') }} as run_id,
        {{ cast_to('runs.companies', 'string') }} as companies,
        {{ cast_to('price_units.condition', 'string') }} as condition,
        {{ cast_to('price_units.policy', 'string') }} as policy,
        {{ cast_to('price_units.setting', 'numeric') }} as setting,
        coalesce(rank_settings.training_rank = 1, false) as is_chosen,
        {{ cast_to('price_units.cost_per_demand_unit', 'numeric') }} as cost_per_demand_unit,
        {% for part in cost_parts %}
        {{ cast_to('price_units.' ~ part ~ ' / nullif(price_units.demand_units, 0)', 'numeric') }}
            as {{ part }}_per_demand_unit,
        {% endfor %}
        {% for ratio, above, below in ratios %}
        {{ cast_to(
            'price_units.' ~ above ~ ' / nullif(price_units.' ~ below ~ ', 0)', 'numeric'
        ) }} as {{ ratio }},
        {% endfor %}
        {{ cast_to('runs.loaded_at', 'timestamp') }} as loaded_at
    from price_units
    inner join runs
        on price_units.run_id = runs.run_id
    left join rank_settings
        on
            price_units.run_id = rank_settings.run_id
            and price_units.condition = rank_settings.condition
            and price_units.policy = rank_settings.policy
            and price_units.setting = rank_settings.setting
    where not price_units.is_training
)

select * from final
