-- One row per claim about the plan, held against a replay.
with

source as (
    select * from {{ source('replay', 'policy_claims') }}
),

final as (
    select
        run_id,
        claim,
        baseline,
        held_equal,
        measure,
        value,
        baseline_value,
        effect,
        effect_low,
        effect_high,
        p_value,
        corrected_p_value,
        aim,
        verdict,
        source_claim,
        loaded_at
    from source
)

select * from final
