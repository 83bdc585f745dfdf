-- One row per planner's decision of the staging model, with references checked as well.
with

plan_overrides as (
    select * from {{ ref('stg_raw__plan_overrides') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

regions as (
    select region_id from {{ ref('int_network__list_regions') }}
),

products as (
    select sku from {{ ref('dim_products') }}
),

final as (
    select
        plan_overrides.*,
        case
            when plan_overrides.rejection_reason is not null
                then plan_overrides.rejection_reason
            when
                plan_overrides.fc_id not in (select centers.fc_id from centers)
                or plan_overrides.to_fc_id not in (select centers.fc_id from centers)
                or plan_overrides.region_id not in (select regions.region_id from regions)
                or plan_overrides.sku not in (select products.sku from products)
                then 'unknown_reference'
        end as final_rejection_reason
    from plan_overrides
)

select * from final
