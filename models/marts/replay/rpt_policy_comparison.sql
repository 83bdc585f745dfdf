-- One row per condition, policy and setting of a replay, on the periods that count.
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
            '(shipping_cost + handling_cost + late_cost + unmet_cost + holding_cost + order_cost'
            ~ ' + transfer_cost + truck_cost + storage_overflow_cost) / nullif(demand_units, 0)', 8
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
        {{ cast_to('price_units.shipping_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as shipping_cost_per_demand_unit,
        {{ cast_to('price_units.handling_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as handling_cost_per_demand_unit,
        {{ cast_to('price_units.late_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as late_cost_per_demand_unit,
        {{ cast_to('price_units.unmet_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as unmet_cost_per_demand_unit,
        {{ cast_to('price_units.holding_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as holding_cost_per_demand_unit,
        {{ cast_to('price_units.order_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as order_cost_per_demand_unit,
        {{ cast_to('price_units.transfer_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as transfer_cost_per_demand_unit,
        {{ cast_to('price_units.truck_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as truck_cost_per_demand_unit,
        {{ cast_to('price_units.storage_overflow_cost / nullif(price_units.demand_units, 0)', 'numeric') }}
            as storage_overflow_cost_per_demand_unit,
        {{ cast_to('price_units.shipping_cost / nullif(price_units.shipped_units, 0)', 'numeric') }} as shipping_per_unit,
        {{ cast_to('price_units.stockout_cells / nullif(price_units.demand_cells, 0)', 'numeric') }} as stockout_rate,
        {{ cast_to('price_units.lost_units / nullif(price_units.demand_units, 0)', 'numeric') }} as lost_share,
        {{ cast_to('price_units.shipped_units / nullif(price_units.demand_units, 0)', 'numeric') }} as fill_rate,
        {{ cast_to('price_units.within_sla_units / nullif(price_units.demand_units, 0)', 'numeric') }} as fill_within_sla,
        {{ cast_to('price_units.stock_value / nullif(price_units.demand_units, 0)', 'numeric') }} as stock_per_demand_unit,
        {{ cast_to('price_units.shipped_value / nullif(price_units.stock_value, 0)', 'numeric') }} as turnover,
        {{ cast_to('price_units.split_orders / nullif(price_units.orders, 0)', 'numeric') }} as split_share,
        {{ cast_to('price_units.transferred_units / nullif(price_units.shipped_units, 0)', 'numeric') }} as transferred_share,
        {{ cast_to('price_units.carbon_kg / nullif(price_units.shipped_units, 0)', 'numeric') }} as carbon_per_unit,
        {{ cast_to(
            'price_units.replanned_units / nullif(price_units.planned_or_placed_units, 0)', 'numeric'
        ) }} as nervousness,
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
