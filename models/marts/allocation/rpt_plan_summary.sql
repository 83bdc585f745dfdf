-- One row per figure of the plan in force, beside the nearest-centre greedy plan.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

kpis as (
    select * from {{ ref('stg_planning__plan_kpis') }}
),

final as (
    select
        {{ cast_to('kpis.run_id', 'string') }} as run_id,
        {{ cast_to('kpis.metric', 'string') }} as metric,
        {{ cast_to('kpis.level', 'string') }} as level,
        {{ cast_to('kpis.key', 'string') }} as key,
        {{ cast_to('kpis.value', 'numeric') }} as value,
        {{ cast_to('kpis.baseline_value', 'numeric') }} as baseline_value
    from kpis
    inner join current_run
        on kpis.run_id = current_run.run_id
)

select * from final
