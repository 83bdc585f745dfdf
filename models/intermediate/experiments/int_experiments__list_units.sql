-- One row per unit in an experiment.
with

experiments as (
    select *
    from {{ ref('stg_raw__experiments') }}
    where rejection_reason is null
),

final as (
    select distinct
        unit_type,
        unit_id
    from experiments
)

select * from final
