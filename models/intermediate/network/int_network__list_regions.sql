-- One row per demand region: those of the regions table, and those only sales or customers know.
with

regions as (
    select *
    from {{ ref('stg_raw__regions') }}
    where rejection_reason is null
),

locate_orders as (
    select distinct region_id
    from {{ ref('fct_transactions') }}
),

final as (
    select
        coalesce(regions.region_id, locate_orders.region_id) as region_id,
        coalesce(regions.region_name, regions.region_id, locate_orders.region_id) as region_name,
        regions.latitude,
        regions.longitude,
        regions.home_fc_id,
        regions.sla_days,
        regions.region_id is null as is_inferred
    from regions
    full outer join locate_orders
        on regions.region_id = locate_orders.region_id
)

select * from final
