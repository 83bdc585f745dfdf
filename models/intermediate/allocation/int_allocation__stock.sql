-- One row per centre and SKU: the stock at the centre's last count.
with

snapshots as (
    select *
    from {{ ref('int_stock__check_inventory_snapshots') }}
    where final_rejection_reason is null
),

rank_snapshots as (
    select
        *,
        rank() over (partition by fc_id order by snapshot_date desc) as recency_rank
    from snapshots
),

final as (
    select
        fc_id,
        sku,
        snapshot_date,
        greatest(on_hand_units - coalesce(reserved_units, 0), 0) as available_units
    from rank_snapshots
    where recency_rank = 1
)

select * from final
