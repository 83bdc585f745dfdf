-- One row per run of the allocation job: where it is in its life, what it costs, who approved it.
with

runs as (
    select * from {{ ref('int_allocation__state_runs') }}
),

final as (
    select
        {{ cast_to('run_id', 'string') }} as run_id,
        {{ cast_to('state', 'string') }} as state,
        {{ cast_to('as_of', 'date') }} as as_of,
        {{ cast_to('horizon_start', 'date') }} as horizon_start,
        {{ cast_to('horizon_periods', 'integer') }} as horizon_periods,
        {{ cast_to('objective', 'numeric') }} as objective,
        {{ cast_to('lower_bound', 'numeric') }} as lower_bound,
        {{ cast_to('gap', 'numeric') }} as gap,
        {{ cast_to('greedy_objective', 'numeric') }} as greedy_objective,
        {{ cast_to('loaded_at', 'timestamp') }} as loaded_at,
        {{ cast_to('approved_at', 'timestamp') }} as approved_at,
        {{ cast_to('approved_by', 'string') }} as approved_by,
        {{ cast_to('note', 'string') }} as note
    from runs
)

select * from final
