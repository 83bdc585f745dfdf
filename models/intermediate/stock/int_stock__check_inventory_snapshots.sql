-- One row per stock count of the staging model, with references checked as well.
with

inventory_snapshots as (
    select * from {{ ref('stg_raw__inventory_snapshots') }}
),

centers as (
    select fc_id from {{ ref('dim_fulfillment_centers') }}
),

products as (
    select sku from {{ ref('dim_products') }}
),

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

final as (
    select
        inventory_snapshots.*,
        case
            when inventory_snapshots.rejection_reason is not null
                then inventory_snapshots.rejection_reason
            when
                inventory_snapshots.fc_id not in (select centers.fc_id from centers)
                or inventory_snapshots.sku not in (select products.sku from products)
                then 'unknown_reference'
            when
                {{ days_between('calendar.as_of', 'inventory_snapshots.snapshot_date') }} > 1
                then 'future_date'
        end as final_rejection_reason
    from inventory_snapshots
    cross join calendar
)

select * from final
