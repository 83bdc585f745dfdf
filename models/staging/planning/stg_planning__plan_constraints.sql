-- One row per constraint of the plan, of every run.
with

source as (
    select * from {{ source('planning', 'plan_constraints') }}
),

final as (
    select
        run_id,
        constraint_type,
        constraint_key,
        period_start,
        limit_units,
        used_units,
        slack_units,
        shadow_price,
        meaning,
        loaded_at
    from source
)

select * from final
