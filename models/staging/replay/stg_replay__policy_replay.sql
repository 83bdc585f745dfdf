-- One row per measure of a policy, with a setting, in a period and cluster of SKUs.
with

source as (
    select * from {{ source('replay', 'policy_replay') }}
),

final as (
    select
        run_id,
        company,
        condition,
        policy,
        setting,
        period_start,
        is_training,
        cluster,
        measure,
        value,
        loaded_at
    from source
)

select * from final
