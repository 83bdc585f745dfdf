-- One row per SKU: what a unit sells for, costs, takes and weighs.
with

products as (
    select * from {{ ref('dim_products') }}
),

history as (
    select * from {{ ref('fct_demand_history') }}
),

average_prices as (
    select
        sku,
        {{ cast_to('sum(revenue)', 'numeric') }} / nullif(sum(units), 0) as unit_price
    from history
    group by sku
),

final as (
    select
        products.sku,
        products.category,
        products.pack_size,
        coalesce(products.unit_volume_m3, 0) as unit_volume_m3,
        coalesce(products.unit_weight_kg, 0) as unit_weight_kg,
        {{ round_to_decimal('coalesce(average_prices.unit_price, 0)', 4) }} as unit_price,
        {{ round_to_decimal(
            'coalesce(products.unit_cost, average_prices.unit_price, 0) * '
            ~ var('holding_rate_per_year') ~ ' / ' ~ periods_per_year(), 6
        ) }} as holding_cost_per_period,
        case
            when products.shelf_life_days is not null
                then greatest(floor(products.shelf_life_days / {{ period_days() }}), 1)
        end as shelf_life_periods,
        {{ round_to_decimal('coalesce(products.unit_cost, average_prices.unit_price, 0)', 4) }}
            as expiry_cost_per_unit
    from products
    left join average_prices
        on products.sku = average_prices.sku
)

select * from final
