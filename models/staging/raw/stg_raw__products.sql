-- One row per SKU, as it came, typed and flagged.
{{ after_sample_seed('products') }}
with

source as (
    select * from {{ source('raw', 'products') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('sku') }} as sku,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('category') }} as category,

        -- numerics
        {{ cast_to('unit_cost', 'numeric') }} as unit_cost,
        {{ cast_to('unit_volume_m3', 'numeric') }} as unit_volume_m3,
        {{ cast_to('unit_weight_kg', 'numeric') }} as unit_weight_kg,
        {{ cast_to('pack_size', 'integer') }} as pack_size,
        {{ cast_to('shelf_life_days', 'integer') }} as shelf_life_days
    from source
),

keyed as (
    select
        *,
        {{ row_key(['sku']) }} as row_key,
        {{ row_as_json(
            strings=['sku', 'product_name', 'category'],
            numbers=[
                'unit_cost',
                'unit_volume_m3',
                'unit_weight_kg',
                'pack_size',
                'shelf_life_days',
            ]
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['sku'],
            finite=['unit_cost', 'unit_volume_m3', 'unit_weight_kg'],
            conditions=[
                ('out_of_range', 'pack_size < 1'),
            ],
            non_negative=['unit_cost', 'unit_volume_m3', 'unit_weight_kg', 'shelf_life_days']
        ) }} as rejection_reason
    from keyed
)

select * from final
