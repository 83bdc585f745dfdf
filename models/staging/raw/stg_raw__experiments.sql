-- One row per unit in an experiment, as it came, typed and flagged.
{{ after_sample_seed('experiments') }}
with

source as (
    select * from {{ source('raw', 'experiments') }}
),

renamed as (
    select
        -- ids and text
        {{ clean_text('experiment_id') }} as experiment_id,
        {{ clean_text('unit_type') }} as unit_type,
        case
            when unit_type = 'customer' then {{ pseudonym(clean_text('unit_id')) }}
            else {{ clean_text('unit_id') }}
        end as unit_id,
        {{ clean_text('variant') }} as variant,
        {{ clean_text('assignment') }} as assignment,

        -- dates and timestamps
        {{ cast_to('started_on', 'date') }} as started_on,
        {{ cast_to('ended_on', 'date') }} as ended_on
    from source
),

keyed as (
    select
        *,
        {{ row_key(['experiment_id', 'unit_id']) }} as row_key,
        {{ row_as_json(
            strings=['experiment_id', 'unit_type', 'unit_id', 'variant', 'assignment'],
            dates=['started_on', 'ended_on']
        ) }} as raw_row
    from renamed
),

final as (
    select
        *,
        {{ rejection_reason(
            key=['experiment_id', 'unit_id'],
            required=['unit_type', 'variant', 'started_on', 'assignment'],
            conditions=[
                ('out_of_range', "unit_type not in ('fc', 'customer', 'region')"),
                ('out_of_range', "assignment not in ('randomised', 'observational')"),
                ('too_old', "started_on < cast('" ~ var('earliest_date') ~ "' as date)"),
            ]
        ) }} as rejection_reason
    from keyed
)

select * from final
