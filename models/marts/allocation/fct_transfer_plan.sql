-- One row per pair of centres, SKU and period: what to move.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

transfers as (
    select * from {{ ref('stg_planning__plan_transfers') }}
),

final as (
    select
        {{ cast_to('transfers.run_id', 'string') }} as run_id,
        {{ cast_to('transfers.from_fc_id', 'string') }} as from_fc_id,
        {{ cast_to('transfers.to_fc_id', 'string') }} as to_fc_id,
        {{ cast_to('transfers.sku', 'string') }} as sku,
        {{ cast_to('transfers.period_start', 'date') }} as period_start,
        {{ cast_to('transfers.units', 'numeric') }} as units,
        {{ cast_to('transfers.packs', 'integer') }} as packs,
        {{ cast_to('transfers.cost', 'numeric') }} as cost,
        {{ cast_to('transfers.arrives_on', 'date') }} as arrives_on
    from transfers
    inner join current_run
        on transfers.run_id = current_run.run_id
)

select * from final
