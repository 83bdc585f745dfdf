-- One row: the run in force, the last one published. No row before the first plan.
with

runs as (
    select * from {{ ref('stg_planning__plan_runs') }}
),

rank_runs as (
    select
        *,
        row_number() over (order by loaded_at desc, run_id asc) as recency_rank
    from runs
    where status = 'published'
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
    from rank_runs
    where recency_rank = 1
)

select * from final
