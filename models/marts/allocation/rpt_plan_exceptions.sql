-- One row per thing a planner should look at in the plan in force.
with

current_run as (
    select * from {{ ref('int_allocation__choose_current_run') }}
),

exceptions as (
    select * from {{ ref('stg_planning__plan_exceptions') }}
),

final as (
    select
        {{ cast_to('exceptions.run_id', 'string') }} as run_id,
        {{ cast_to('exceptions.severity', 'string') }} as severity,
        {{ cast_to('exceptions.rule', 'string') }} as rule,
        {{ cast_to('exceptions.entity', 'string') }} as entity,
        {{ cast_to('exceptions.value', 'numeric') }} as value,
        {{ cast_to('exceptions.threshold', 'numeric') }} as threshold,
        {{ cast_to('exceptions.suggested_action', 'string') }} as suggested_action
    from exceptions
    inner join current_run
        on exceptions.run_id = current_run.run_id
)

select * from final
