-- One row per region, segment, SKU and period of the plan: what to serve, and what not to costs.
with

forecasts as (
    select * from {{ ref('fct_demand_forecasts') }}
),

periods as (
    select * from {{ ref('int_allocation__periods') }}
),

products as (
    select * from {{ ref('int_allocation__price_products') }}
),

lanes as (
    select * from {{ ref('int_network__derive_lanes') }}
),

targets as (
    select * from {{ ref('int_allocation__choose_service_targets') }}
),

find_dearest_lanes as (
    select
        region_id,
        max(cost_per_unit) as cost_per_unit,
        max(cost_per_kg) as cost_per_kg
    from lanes
    group by region_id
),

-- Serving is always worth the dearest lane: a unit not served costs that, and its price.
final as (
    select
        forecasts.region_id,
        forecasts.segment,
        forecasts.sku,
        forecasts.period_start,
        periods.period_index,
        {{ round_to_decimal('forecasts.mean', 6) }} as demand_units,
        {{ round_to_decimal('(forecasts.q0_975 - forecasts.q0_025) / 3.92', 6) }}
            as demand_deviation,
        forecasts.home_fc_id,
        coalesce(targets.target_service_level, {{ var('default_service_level') }})
            as target_service_level,
        {{ round_to_decimal(
            'coalesce(targets.unmet_cost_per_unit, '
            ~ var('unmet_price_share') ~ ' * products.unit_price'
            ~ ' + coalesce(find_dearest_lanes.cost_per_unit, 0)'
            ~ ' + coalesce(find_dearest_lanes.cost_per_kg, 0) * products.unit_weight_kg)', 4
        ) }} as unmet_cost_per_unit
    from forecasts
    inner join periods
        on forecasts.period_start = periods.period_start
    inner join products
        on forecasts.sku = products.sku
    left join find_dearest_lanes
        on forecasts.region_id = find_dearest_lanes.region_id
    left join targets
        on
            forecasts.segment = targets.segment
            and products.category = targets.category
)

select * from final
