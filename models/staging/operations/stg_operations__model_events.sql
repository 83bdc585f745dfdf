-- One row per thing that was asked of a model that is fitted.
with

source as (
    select * from {{ source('operations', 'model_events') }}
),

final as (
    select
        model_name,
        event,
        version,
        as_of,
        note,
        created_by,
        loaded_at
    from source
)

select * from final
