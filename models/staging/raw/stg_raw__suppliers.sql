-- One row per offer of a supplier to a centre for a SKU, as it came, typed and flagged.
{{ after_sample_seed('suppliers') }}
with

source as (
    select * from {{ source('raw', 'suppliers') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('supplier_id') }} as supplier_id,
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('sku') }} as sku,

        -- numerics
        {{ cast_to('cost_per_unit', 'numeric') }} as cost_per_unit,
        {{ cast_to('lead_time_days', 'numeric') }} as lead_time_days,
        {{ cast_to('min_order_units', 'integer') }} as min_order_units,
        {{ cast_to('order_multiple', 'integer') }} as order_multiple,
        {{ cast_to('fixed_cost_per_order', 'numeric') }} as fixed_cost_per_order,
        {{ cast_to('capacity_units', 'numeric') }} as capacity_units
    from source
),

keyed as (
    select
        *,
        {{ row_key(['supplier_id', 'fc_id', 'sku']) }} as row_key,
        {{ row_as_json(
            strings=['supplier_id', 'fc_id', 'sku'],
            numbers=[
                'cost_per_unit',
                'lead_time_days',
                'min_order_units',
                'order_multiple',
                'fixed_cost_per_order',
                'capacity_units',
            ]
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['supplier_id', 'fc_id', 'sku'],
            finite=['cost_per_unit', 'lead_time_days', 'fixed_cost_per_order', 'capacity_units'],
            conditions=[
                ('out_of_range', 'order_multiple < 1'),
            ],
            non_negative=[
                'cost_per_unit',
                'lead_time_days',
                'min_order_units',
                'fixed_cost_per_order',
                'capacity_units',
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
