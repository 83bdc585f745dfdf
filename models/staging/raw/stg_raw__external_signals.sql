-- One row per value of a signal on a day, as it came, typed and flagged.
{{ after_sample_seed('external_signals') }}
with

source as (
    select * from {{ source('raw', 'external_signals') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('signal_name') }} as signal_name,
        {{ clean_text('region_id') }} as region_id,
        {{ clean_text('sku') }} as sku,

        -- numerics
        {{ cast_to('value', 'numeric') }} as value,

        -- flags
        {{ cast_to('is_known_ahead', 'boolean') }} as is_known_ahead,

        -- dates and timestamps
        {{ cast_to('signal_date', 'date') }} as signal_date
    from source
),

filled as (
    select
        *,
        coalesce(region_id, '') as region_key,
        coalesce(sku, '') as sku_key,
        {{ row_as_json(
            strings=['signal_name', 'region_id', 'sku'],
            numbers=['value'],
            booleans=['is_known_ahead'],
            dates=['signal_date']
        ) }} as raw_row
    from renamed
),

keyed as (
    select
        *,
        {{ row_key(['signal_date', 'signal_name', 'region_key', 'sku_key']) }} as row_key
    from filled
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['signal_date', 'signal_name', 'region_key', 'sku_key'],
            required=['value', 'is_known_ahead'],
            finite=['value'],
            conditions=[
                ('too_old', "signal_date < cast('" ~ var('earliest_date') ~ "' as date)"),
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
