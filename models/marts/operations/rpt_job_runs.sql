-- One row per night: how far the run came, how long it took, and what stopped it.
with

rows_of_runs as (
    select * from {{ ref('stg_operations__job_runs') }}
),

add_up as (
    select
        job_run_id,
        min(started_at) as started_at,
        max(loaded_at) as last_seen_at,
        max(attempt) as attempts,
        max(steps) as stages,
        count(distinct case when outcome = 'succeeded' then stage end) as stages_done,
        sum(seconds) as seconds,
        max(peak_mb) as peak_mb
    from rows_of_runs
    group by job_run_id
),

number_rows as (
    select
        job_run_id,
        stage,
        outcome,
        message,
        row_number() over (partition by job_run_id order by attempt desc, step desc) as position
    from rows_of_runs
),

find_last_row as (
    select * from number_rows
    where position = 1
),

final as (
    select
        {{ cast_to('add_up.job_run_id', 'integer') }} as job_run_id,
        {{ cast_to("case
            when add_up.stages_done = add_up.stages then 'complete'
            when find_last_row.outcome = 'failed' then 'failed'
            else 'unfinished'
        end", 'string') }} as outcome,
        {{ cast_to('add_up.started_at', 'timestamp') }} as started_at,
        {{ cast_to('add_up.last_seen_at', 'timestamp') }} as last_seen_at,
        {{ cast_to('add_up.attempts', 'integer') }} as attempts,
        {{ cast_to('add_up.stages', 'integer') }} as stages,
        {{ cast_to('add_up.stages_done', 'integer') }} as stages_done,
        {{ cast_to('add_up.seconds', 'numeric') }} as seconds,
        {{ cast_to('add_up.peak_mb', 'numeric') }} as peak_mb,
        {{ cast_to("case
            when find_last_row.outcome = 'failed' then find_last_row.stage
        end", 'string') }} as failed_stage,
        {{ cast_to('find_last_row.message', 'string') }} as message
    from add_up
    inner join find_last_row on add_up.job_run_id = find_last_row.job_run_id
)

select * from final
