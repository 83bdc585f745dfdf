-- One row per supplier's offer of the staging model, with references checked as well.
with

suppliers as (
    select * from {{ ref('stg_raw__suppliers') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

products as (
    select sku from {{ ref('dim_products') }}
),

final as (
    select
        suppliers.*,
        case
            when suppliers.rejection_reason is not null
                then suppliers.rejection_reason
            when
                suppliers.fc_id not in (select centers.fc_id from centers)
                or suppliers.sku not in (select products.sku from products)
                then 'unknown_reference'
        end as final_rejection_reason
    from suppliers
)

select * from final
