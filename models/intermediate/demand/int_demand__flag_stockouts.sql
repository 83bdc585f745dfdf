-- One row per SKU, region and period in which no centre with a lane to the region had stock.
with

snapshots as (
    select *
    from {{ ref('int_stock__check_inventory_snapshots') }}
    where final_rejection_reason is null
),

lanes as (
    select * from {{ ref('int_network__derive_lanes') }}
),

measure_stock as (
    select
        sku,
        snapshot_date,
        fc_id,
        on_hand_units - coalesce(reserved_units, 0) as available_units
    from snapshots
),

-- Days on which a SKU was missing somewhere: only those can be stock-outs.
find_shortages as (
    select distinct
        sku,
        snapshot_date
    from measure_stock
    where available_units <= 0
),

sum_stock_by_region as (
    select
        measure_stock.sku,
        measure_stock.snapshot_date,
        lanes.region_id,
        sum(
            case when measure_stock.available_units > 0 then 1 else 0 end
        ) as centers_in_stock
    from measure_stock
    inner join find_shortages
        on
            measure_stock.sku = find_shortages.sku
            and measure_stock.snapshot_date = find_shortages.snapshot_date
    inner join lanes
        on measure_stock.fc_id = lanes.fc_id
    group by measure_stock.sku, measure_stock.snapshot_date, lanes.region_id
),

final as (
    select distinct
        sku,
        region_id,
        {{ period_start('snapshot_date') }} as period_start
    from sum_stock_by_region
    where centers_in_stock = 0
)

select * from final
