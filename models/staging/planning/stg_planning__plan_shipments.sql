-- One row per a centre ships to a region for a segment, SKU and period, of every run.
with

source as (
    select * from {{ source('planning', 'plan_shipments') }}
),

final as (
    select
        run_id,
        fc_id,
        region_id,
        segment,
        sku,
        period_start,
        units,
        shipping_cost,
        handling_cost,
        transit_days,
        is_within_sla,
        reason_code,
        runner_up_fc_id,
        regret,
        loaded_at
    from source
)

select * from final
