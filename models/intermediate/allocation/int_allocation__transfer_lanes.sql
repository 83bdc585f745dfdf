-- One row per transfer lane, with the periods it takes; goods that leave can't arrive at once.
with

lanes as (
    select *
    from {{ ref('int_network__check_transfer_lanes') }}
    where final_rejection_reason is null
),

final as (
    select
        from_fc_id,
        to_fc_id,
        coalesce(cost_per_unit, 0) as cost_per_unit,
        coalesce(fixed_cost, 0) as fixed_cost,
        truck_capacity_m3,
        capacity_units,
        cast(greatest(
            1, ceil(coalesce(transit_days, 1) / {{ period_days() }})
        ) as {{ column_type('integer') }}) as lead_periods
    from lanes
)

select * from final
