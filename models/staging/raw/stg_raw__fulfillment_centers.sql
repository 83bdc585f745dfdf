-- One row per fulfilment centre, as it came, typed and flagged.
{{ after_sample_seed('fulfillment_centers') }}
with

source as (
    select * from {{ source('raw', 'fulfillment_centers') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('fc_name') }} as fc_name,

        -- numerics
        {{ cast_to('latitude', 'numeric') }} as latitude,
        {{ cast_to('longitude', 'numeric') }} as longitude,
        {{ cast_to('storage_capacity_m3', 'numeric') }} as storage_capacity_m3,
        {{ cast_to('outbound_capacity_units', 'numeric') }} as outbound_capacity_units,
        {{ cast_to('inbound_capacity_units', 'numeric') }} as inbound_capacity_units,
        {{ cast_to('handling_cost_per_unit', 'numeric') }} as handling_cost_per_unit,
        {{ cast_to('fixed_cost_per_period', 'numeric') }} as fixed_cost_per_period
    from source
),

keyed as (
    select
        *,
        {{ row_key(['fc_id']) }} as row_key,
        {{ row_as_json(
            strings=['fc_id', 'fc_name'],
            numbers=[
                'latitude',
                'longitude',
                'storage_capacity_m3',
                'outbound_capacity_units',
                'inbound_capacity_units',
                'handling_cost_per_unit',
                'fixed_cost_per_period',
            ]
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['fc_id'],
            finite=[
                'latitude',
                'longitude',
                'storage_capacity_m3',
                'outbound_capacity_units',
                'inbound_capacity_units',
                'handling_cost_per_unit',
                'fixed_cost_per_period',
            ],
            conditions=[
                ('out_of_range', 'abs(latitude) > 90 or abs(longitude) > 180'),
            ],
            non_negative=[
                'storage_capacity_m3',
                'outbound_capacity_units',
                'inbound_capacity_units',
                'handling_cost_per_unit',
                'fixed_cost_per_period',
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
