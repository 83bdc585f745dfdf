-- One row per event in the life of a run, of every run.
with

source as (
    select * from {{ source('planning', 'plan_events') }}
),

final as (
    select
        run_id,
        event,
        note,
        created_by,
        loaded_at
    from source
)

select * from final
