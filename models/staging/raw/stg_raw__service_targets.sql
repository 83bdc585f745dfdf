-- One row per service target of a segment, as it came, typed and flagged.
{{ after_sample_seed('service_targets') }}
with

source as (
    select * from {{ source('raw', 'service_targets') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('segment') }} as segment,
        {{ clean_text('category') }} as category,

        -- numerics
        {{ cast_to('target_service_level', 'numeric') }} as target_service_level,
        {{ cast_to('unmet_cost_per_unit', 'numeric') }} as unmet_cost_per_unit
    from source
),

filled as (
    select
        *,
        coalesce(category, '') as category_key,
        {{ row_as_json(
            strings=['segment', 'category'],
            numbers=['target_service_level', 'unmet_cost_per_unit']
        ) }} as raw_row
    from renamed
),

keyed as (
    select
        *,
        {{ row_key(['segment', 'category_key']) }} as row_key
    from filled
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['segment', 'category_key'],
            required=['target_service_level'],
            finite=['target_service_level', 'unmet_cost_per_unit'],
            conditions=[
                ('out_of_range', 'target_service_level > 1'),
            ],
            non_negative=['target_service_level', 'unmet_cost_per_unit']
        ) }} as rejection_reason
    from keyed
)

select * from final
