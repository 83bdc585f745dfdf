-- One row per open order line of the staging model, with references checked as well.
with

inbound_shipments as (
    select * from {{ ref('stg_raw__inbound_shipments') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

products as (
    select sku from {{ ref('dim_products') }}
),

final as (
    select
        inbound_shipments.*,
        case
            when inbound_shipments.rejection_reason is not null
                then inbound_shipments.rejection_reason
            when
                inbound_shipments.fc_id not in (select centers.fc_id from centers)
                or inbound_shipments.sku not in (select products.sku from products)
                then 'unknown_reference'
        end as final_rejection_reason
    from inbound_shipments
)

select * from final
