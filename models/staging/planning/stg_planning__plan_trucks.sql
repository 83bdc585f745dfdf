-- One row per trucks between two centres in a period, of every run.
with

source as (
    select * from {{ source('planning', 'plan_trucks') }}
),

final as (
    select
        run_id,
        from_fc_id,
        to_fc_id,
        period_start,
        trucks,
        fill_share,
        cost,
        loaded_at
    from source
)

select * from final
