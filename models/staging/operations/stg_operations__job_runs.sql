-- One row per stage of a run that ended, and per attempt that began.
with

source as (
    select * from {{ source('operations', 'job_runs') }}
),

final as (
    select
        job_run_id,
        attempt,
        step,
        steps,
        stage,
        outcome,
        started_at,
        seconds,
        row_count,
        peak_mb,
        message,
        configuration_hash,
        version,
        loaded_at
    from source
)

select * from final
