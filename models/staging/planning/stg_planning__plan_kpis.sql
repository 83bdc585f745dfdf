-- One row per figure of the plan, of every run.
with

source as (
    select * from {{ source('planning', 'plan_kpis') }}
),

final as (
    select
        run_id,
        metric,
        level,
        key,
        value,
        baseline_value,
        loaded_at
    from source
)

select * from final
