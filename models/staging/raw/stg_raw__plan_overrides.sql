-- One row per decision of a planner, as it came, typed and flagged.
{{ after_sample_seed('plan_overrides') }}
with

source as (
    select * from {{ source('raw', 'plan_overrides') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('override_id') }} as override_id,
        {{ clean_text('fc_id') }} as fc_id,
        {{ clean_text('to_fc_id') }} as to_fc_id,
        {{ clean_text('region_id') }} as region_id,
        {{ clean_text('sku') }} as sku,
        {{ clean_text('kind') }} as kind,
        {{ clean_text('reason') }} as reason,
        {{ clean_text('created_by') }} as created_by,

        -- numerics
        {{ cast_to('units', 'numeric') }} as units,

        -- dates and timestamps
        {{ cast_to('period_start', 'date') }} as period_start,
        {{ cast_to('created_at', 'timestamp') }} as created_at
    from source
),

keyed as (
    select
        *,
        {{ row_key(['override_id']) }} as row_key,
        {{ row_as_json(
            strings=[
                'override_id',
                'fc_id',
                'to_fc_id',
                'region_id',
                'sku',
                'kind',
                'reason',
                'created_by',
            ],
            numbers=['units'],
            timestamps=['created_at'],
            dates=['period_start']
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['override_id'],
            required=['sku', 'period_start', 'units', 'kind', 'reason', 'created_by', 'created_at'],
            finite=['units'],
            conditions=[
                ('out_of_range', "kind not in ('fix', 'minimum', 'maximum', 'forbid')"),
            ],
            non_negative=['units']
        ) }} as rejection_reason
    from keyed
)

select * from final
