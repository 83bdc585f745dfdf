-- One row per run of the allocation job, of every run.
with

source as (
    select * from {{ source('planning', 'plan_runs') }}
),

final as (
    select
        run_id,
        as_of,
        horizon_start,
        horizon_periods,
        period,
        status,
        termination_condition,
        objective,
        lower_bound,
        gap,
        greedy_objective,
        solver,
        route,
        seconds,
        peak_mb,
        input_hash,
        parameters,
        loaded_at
    from source
)

select * from final
