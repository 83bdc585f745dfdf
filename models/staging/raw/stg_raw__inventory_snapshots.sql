-- One row per count of a SKU at a centre on a day, as it came, typed and flagged.
{{ after_sample_seed('inventory_snapshots') }}
with

source as (
    select * from {{ source('raw', 'inventory_snapshots') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('sku') }} as sku,

        -- numerics
        {{ cast_to('on_hand_units', 'numeric') }} as on_hand_units,
        {{ cast_to('reserved_units', 'numeric') }} as reserved_units,

        -- dates and timestamps
        {{ cast_to('snapshot_date', 'date') }} as snapshot_date
    from source
),

keyed as (
    select
        *,
        {{ row_key(['snapshot_date', 'fc_id', 'sku']) }} as row_key,
        {{ row_as_json(
            strings=['fc_id', 'sku'],
            numbers=['on_hand_units', 'reserved_units'],
            dates=['snapshot_date']
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['snapshot_date', 'fc_id', 'sku'],
            required=['on_hand_units'],
            finite=['on_hand_units', 'reserved_units'],
            conditions=[
                ('absurd_quantity', 'on_hand_units >= 1e12 or reserved_units >= 1e12'),
                ('too_old', "snapshot_date < cast('" ~ var('earliest_date') ~ "' as date)"),
            ],
            non_negative=['on_hand_units', 'reserved_units']
        ) }} as rejection_reason
    from keyed
)

select * from final
