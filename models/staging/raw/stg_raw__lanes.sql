-- One row per lane from a centre to a region, as it came, typed and flagged.
{{ after_sample_seed('lanes') }}
with

source as (
    select * from {{ source('raw', 'lanes') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('region_id') }} as region_id,

        -- numerics
        {{ cast_to('cost_per_unit', 'numeric') }} as cost_per_unit,
        {{ cast_to('cost_per_kg', 'numeric') }} as cost_per_kg,
        {{ cast_to('transit_days', 'numeric') }} as transit_days,
        {{ cast_to('capacity_units', 'numeric') }} as capacity_units,
        {{ cast_to('carbon_kg_per_unit', 'numeric') }} as carbon_kg_per_unit
    from source
),

keyed as (
    select
        *,
        {{ row_key(['fc_id', 'region_id']) }} as row_key,
        {{ row_as_json(
            strings=['fc_id', 'region_id'],
            numbers=[
                'cost_per_unit',
                'cost_per_kg',
                'transit_days',
                'capacity_units',
                'carbon_kg_per_unit',
            ]
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['fc_id', 'region_id'],
            finite=[
                'cost_per_unit',
                'cost_per_kg',
                'transit_days',
                'capacity_units',
                'carbon_kg_per_unit',
            ],
            non_negative=[
                'cost_per_unit',
                'cost_per_kg',
                'transit_days',
                'capacity_units',
                'carbon_kg_per_unit',
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
