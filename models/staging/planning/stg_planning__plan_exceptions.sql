-- One row per a planner should look at, of every run.
with

source as (
    select * from {{ source('planning', 'plan_exceptions') }}
),

final as (
    select
        run_id,
        severity,
        rule,
        entity,
        value,
        threshold,
        suggested_action,
        loaded_at
    from source
)

select * from final
