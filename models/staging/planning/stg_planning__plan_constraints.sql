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
        unit,
        limit_quantity,
        used_quantity,
        slack_quantity,
        shadow_price,
        shadow_price_of_less,
        meaning,
        loaded_at
    from source
)

select * from final
