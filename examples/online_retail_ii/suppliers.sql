-- INVENTED. Online Retail II has no suppliers: one sells every SKU to every centre, two weeks ahead,
-- in packs, at a fixed cost of an order. Runs after network.sql.

create or replace table suppliers as

with

final as (
    select
        'supplier' as supplier_id,
        fulfillment_centers.fc_id,
        products.sku,
        products.unit_cost as cost_per_unit,
        cast(14 as double) as lead_time_days,
        products.pack_size as min_order_units,
        products.pack_size as order_multiple,
        cast(15 as double) as fixed_cost_per_order,
        cast(null as double) as capacity_units,
    from products
    cross join fulfillment_centers
)

select * from final
order by supplier_id, fc_id, sku;
