-- One row per supplier's offer, with the periods it takes; none unless var plan_orders is true.
with

suppliers as (
    select *
    from {{ ref('int_network__check_suppliers') }}
    where final_rejection_reason is null
),

products as (
    select
        sku,
        unit_cost
    from {{ ref('dim_products') }}
),

price_offers as (
    select
        suppliers.supplier_id,
        suppliers.fc_id,
        suppliers.sku,
        {{ round_to_decimal(
            'coalesce(suppliers.cost_per_unit, products.unit_cost, 0)', 4
        ) }} as cost_per_unit,
        cast(greatest(
            1, ceil(coalesce(suppliers.lead_time_days, 1) / {{ period_days() }})
        ) as {{ column_type('integer') }}) as lead_periods,
        coalesce(suppliers.min_order_units, 0) as min_order_units,
        greatest(coalesce(suppliers.order_multiple, 1), 1) as order_multiple,
        coalesce(suppliers.fixed_cost_per_order, 0) as fixed_cost_per_order,
        suppliers.capacity_units
    from suppliers
    inner join products
        on suppliers.sku = products.sku
),

-- Goods are worth what the cheapest supplier asks: what another asks more is a cost.
final as (
    select
        *,
        {{ cast_to('cost_per_unit - min(cost_per_unit) over (partition by sku)', 'numeric') }}
            as extra_cost_per_unit
    from price_offers
    where {{ 'true' if var('plan_orders') else 'false' }}
)

select * from final
