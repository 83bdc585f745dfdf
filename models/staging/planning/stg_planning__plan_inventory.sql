-- One row per stock of a SKU at a centre over a period, in units, of every run.
with

source as (
    select * from {{ source('planning', 'plan_inventory') }}
),

final as (
    select
        run_id,
        fc_id,
        sku,
        period_start,
        opening,
        inbound,
        ordered,
        transfers_in,
        transfers_out,
        shipped,
        expired,
        closing,
        target,
        stockout_probability,
        loaded_at
    from source
)

select * from final
