-- One row per centre, SKU and period: how likely demand exceeds the stock planned for it.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

inventory as (
    select * from {{ ref('stg_planning__plan_inventory') }}
),

final as (
    select
        {{ cast_to('inventory.run_id', 'string') }} as run_id,
        {{ cast_to('inventory.fc_id', 'string') }} as fc_id,
        {{ cast_to('inventory.sku', 'string') }} as sku,
        {{ cast_to('inventory.period_start', 'date') }} as period_start,
        {{ cast_to('inventory.opening', 'numeric') }} as opening,
        {{ cast_to('inventory.inbound', 'numeric') }} as inbound,
        {{ cast_to('inventory.transfers_in', 'numeric') }} as transfers_in,
        {{ cast_to('inventory.transfers_out', 'numeric') }} as transfers_out,
        {{ cast_to('inventory.shipped', 'numeric') }} as shipped,
        {{ cast_to('inventory.closing', 'numeric') }} as closing,
        {{ cast_to('inventory.target', 'numeric') }} as target,
        {{ cast_to('inventory.stockout_probability', 'numeric') }} as stockout_probability
    from inventory
    inner join current_run
        on inventory.run_id = current_run.run_id
)

select * from final
