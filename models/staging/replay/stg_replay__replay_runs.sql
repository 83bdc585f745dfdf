-- One row per replay that was published.
with

source as (
    select * from {{ source('replay', 'replay_runs') }}
),

final as (
    select
        run_id,
        companies,
        first_period_start,
        first_counted_period_start,
        last_period_start,
        loaded_at
    from source
)

select * from final
