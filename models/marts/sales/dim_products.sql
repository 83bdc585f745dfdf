-- One row per SKU: those of the products table, and those only transactions know.
with

products as (
    select *
    from {{ ref('stg_raw__products') }}
    where rejection_reason is null
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

list_sold_skus as (
    select distinct sku
    from transactions
),

final as (
    select
        coalesce(products.sku, list_sold_skus.sku) as sku,
        coalesce(products.product_name, products.sku, list_sold_skus.sku) as product_name,
        coalesce(products.category, 'unassigned') as category,
        products.unit_cost,
        products.unit_volume_m3,
        products.unit_weight_kg,
        coalesce(products.pack_size, 1) as pack_size,
        products.shelf_life_days,
        products.sku is null as is_inferred
    from products
    full outer join list_sold_skus
        on products.sku = list_sold_skus.sku
)

select * from final
