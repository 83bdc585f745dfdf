-- One row per demand region, as it came, typed and flagged.
{{ after_sample_seed('regions') }}
with

source as (
    select * from {{ source('raw', 'regions') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('region_id') }} as region_id,
        {{ clean_text('region_name') }} as region_name,
        {{ clean_text('home_fc_id') }} as home_fc_id,

        -- numerics
        {{ cast_to('latitude', 'numeric') }} as latitude,
        {{ cast_to('longitude', 'numeric') }} as longitude,
        {{ cast_to('sla_days', 'integer') }} as sla_days
    from source
),

keyed as (
    select
        *,
        {{ row_key(['region_id']) }} as row_key,
        {{ row_as_json(
            strings=['region_id', 'region_name', 'home_fc_id'],
            numbers=['latitude', 'longitude', 'sla_days']
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['region_id'],
            finite=['latitude', 'longitude'],
            conditions=[
                ('out_of_range', 'abs(latitude) > 90 or abs(longitude) > 180'),
            ],
            non_negative=['sla_days']
        ) }} as rejection_reason
    from keyed
)

select * from final
