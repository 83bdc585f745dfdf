-- One row per run: where it is in its life. A view, so that the job sees what just happened.
{{ config(
    materialized='view',
    meta={'plan_retention_days': var('plan_retention_days')}
) }}

with

runs as (
    select * from {{ ref('stg_planning__plan_runs') }}
),

events as (
    select * from {{ ref('stg_planning__plan_events') }}
),

list_runs as (
    select run_id from runs
    union distinct
    select run_id from events
),

rank_approvals as (
    select
        events.run_id,
        events.created_by,
        events.note,
        events.loaded_at,
        row_number() over (
            partition by events.run_id order by events.loaded_at desc
        ) as run_rank,
        row_number() over (order by events.loaded_at desc, events.run_id asc) as recency_rank
    from events
    inner join runs
        on events.run_id = runs.run_id
    where
        events.event in ('approved', 'rolled_back')
        and runs.status = 'plan'
),

keep_last_approvals as (
    select * from rank_approvals
    where run_rank = 1
),

rank_ends as (
    select
        run_id,
        event,
        note,
        created_by,
        row_number() over (partition by run_id order by loaded_at desc) as recency_rank
    from events
    where event in ('failed', 'removed')
),

final as (
    select
        list_runs.run_id,
        case
            when runs.status = 'scenario' then 'scenario'
            when approvals.recency_rank = 1 then 'in_force'
            when approvals.run_id is not null then 'superseded'
            when runs.run_id is not null then 'draft'
            else ends.event
        end as state,
        runs.as_of,
        runs.horizon_start,
        runs.horizon_periods,
        runs.objective,
        runs.lower_bound,
        runs.gap,
        runs.greedy_objective,
        runs.input_hash,
        runs.loaded_at,
        approvals.loaded_at as approved_at,
        approvals.created_by as approved_by,
        coalesce(approvals.note, case when runs.run_id is null then ends.note end) as note
    from list_runs
    left join runs
        on list_runs.run_id = runs.run_id
    left join keep_last_approvals as approvals
        on list_runs.run_id = approvals.run_id
    left join rank_ends as ends
        on
            list_runs.run_id = ends.run_id
            and ends.recency_rank = 1
)

select * from final
