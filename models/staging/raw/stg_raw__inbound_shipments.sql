-- One row per open order line on its way to a centre, as it came, typed and flagged.
{{ after_sample_seed('inbound_shipments') }}
with

source as (
    select * from {{ source('raw', 'inbound_shipments') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('sku') }} as sku,

        -- numerics
        {{ cast_to('quantity', 'numeric') }} as quantity,

        -- dates and timestamps
        {{ cast_to('expected_date', 'date') }} as expected_date
    from source
),

filled as (
    select
        *,
        {{ number_as_text('quantity') }} as quantity_key,
        {{ row_as_json(
            strings=['fc_id', 'sku'],
            numbers=['quantity'],
            dates=['expected_date']
        ) }} as raw_row
    from renamed
),

keyed as (
    select
        *,
        {{ row_key(['fc_id', 'sku', 'expected_date', 'quantity_key']) }} as row_key
    from filled
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['fc_id', 'sku', 'expected_date', 'quantity_key'],
            required=['quantity'],
            finite=['quantity'],
            conditions=[
                ('absurd_quantity', 'quantity >= 1e12'),
                ('too_old', "expected_date < cast('" ~ var('earliest_date') ~ "' as date)"),
            ],
            non_negative=['quantity']
        ) }} as rejection_reason
    from keyed
)

select * from final
