-- One row: the calendar and the prices of the plan.
with

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        as_of,
        horizon_start,
        '{{ var("period") }}' as period,
        {{ period_days() }} as period_days,
        {{ var('plan_periods') }} as plan_periods,
        '{{ var("currency") }}' as currency,
        {{ cast_to(var('default_service_level'), 'numeric') }} as default_service_level,
        {{ cast_to(var('late_cost_per_unit'), 'numeric') }} as late_cost_per_unit,
        {{ cast_to(var('service_shortfall_cost_per_unit'), 'numeric') }}
            as service_shortfall_cost_per_unit,
        {{ cast_to(var('stock_target_cost_per_unit'), 'numeric') }} as stock_target_cost_per_unit,
        {{ cast_to(var('storage_overflow_cost_per_m3'), 'numeric') }}
            as storage_overflow_cost_per_m3,
        {{ cast_to(var('close_centers'), 'boolean') }} as close_centers,
        {{ cast_to(var('override_cost_per_unit'), 'numeric') }} as override_cost_per_unit,
        {{ cast_to(var('cover_shortfall_share'), 'numeric') }} as cover_shortfall_share,
        {{ cast_to(var('carbon_price_per_kg'), 'numeric') }} as carbon_price_per_kg,
        {{ cast_to(
            'null' if var('carbon_cap_kg') is none else var('carbon_cap_kg'), 'numeric'
        ) }} as carbon_cap_kg,
        {{ cast_to(
            'null' if var('order_budget') is none else var('order_budget'), 'numeric'
        ) }} as order_budget,
        {{ cast_to(var('change_cost_per_unit'), 'numeric') }} as change_cost_per_unit,
        {{ cast_to(var('transfer_hurdle'), 'numeric') }} as transfer_hurdle,
        {{ cast_to(var('frozen_periods'), 'integer') }} as frozen_periods,
        '{{ var("stock_target_mode") }}' as stock_target_mode,
        {{ cast_to(var('demand_scenarios'), 'integer') }} as demand_scenarios,
        {{ cast_to(var('scenario_correlation'), 'numeric') }} as scenario_correlation,
        {{ cast_to(var('split_order_cost'), 'numeric') }} as split_order_cost
    from calendar
)

select * from final
