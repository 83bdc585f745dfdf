-- One row per transfer lane between two centres, as it came, typed and flagged.
{{ after_sample_seed('transfer_lanes') }}
with

source as (
    select * from {{ source('raw', 'transfer_lanes') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('from_fc_id') }} as from_fc_id,
        {{ clean_text('to_fc_id') }} as to_fc_id,

        -- numerics
        {{ cast_to('cost_per_unit', 'numeric') }} as cost_per_unit,
        {{ cast_to('fixed_cost', 'numeric') }} as fixed_cost,
        {{ cast_to('truck_capacity_m3', 'numeric') }} as truck_capacity_m3,
        {{ cast_to('transit_days', 'numeric') }} as transit_days,
        {{ cast_to('capacity_units', 'numeric') }} as capacity_units
    from source
),

keyed as (
    select
        *,
        {{ row_key(['from_fc_id', 'to_fc_id']) }} as row_key,
        {{ row_as_json(
            strings=['from_fc_id', 'to_fc_id'],
            numbers=[
                'cost_per_unit',
                'fixed_cost',
                'truck_capacity_m3',
                'transit_days',
                'capacity_units',
            ]
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['from_fc_id', 'to_fc_id'],
            finite=[
                'cost_per_unit',
                'fixed_cost',
                'truck_capacity_m3',
                'transit_days',
                'capacity_units',
            ],
            conditions=[
                ('out_of_range', 'from_fc_id = to_fc_id'),
            ],
            non_negative=[
                'cost_per_unit',
                'fixed_cost',
                'truck_capacity_m3',
                'transit_days',
                'capacity_units',
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
