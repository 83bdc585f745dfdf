-- One row per transfer of a SKU between two centres, of every run.
with

source as (
    select * from {{ source('planning', 'plan_transfers') }}
),

final as (
    select
        run_id,
        from_fc_id,
        to_fc_id,
        sku,
        period_start,
        units,
        packs,
        cost,
        arrives_on,
        loaded_at
    from source
)

select * from final
