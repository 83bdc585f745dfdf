-- One row: the run in force as of this build. No row before the first approval.
with

runs as (
    select * from {{ ref('int_allocation__state_runs') }}
),

final as (
    select
        run_id,
        as_of,
        objective,
        lower_bound,
        gap,
        greedy_objective,
        loaded_at
    from runs
    where state = 'in_force'
)

select * from final
