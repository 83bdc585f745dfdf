-- One row per claim about the plan, held against a replay.
with

claims as (
    select * from {{ ref('stg_replay__policy_claims') }}
),

final as (
    select
        {{ cast_to('run_id', 'string') }} as run_id,
        {{ cast_to('claim', 'string') }} as claim,
        {{ cast_to('baseline', 'string') }} as baseline,
        {{ cast_to('held_equal', 'string') }} as held_equal,
        {{ cast_to('measure', 'string') }} as measure,
        {{ cast_to('value', 'numeric') }} as value,
        {{ cast_to('baseline_value', 'numeric') }} as baseline_value,
        {{ cast_to('effect', 'numeric') }} as effect,
        {{ cast_to('effect_low', 'numeric') }} as effect_low,
        {{ cast_to('effect_high', 'numeric') }} as effect_high,
        {{ cast_to('corrected_p_value', 'numeric') }} as corrected_p_value,
        {{ cast_to('aim', 'numeric') }} as aim,
        {{ cast_to('verdict', 'string') }} as verdict,
        {{ cast_to('source_claim', 'string') }} as source_claim,
        {{ cast_to('loaded_at', 'timestamp') }} as loaded_at
    from claims
)

select * from final
