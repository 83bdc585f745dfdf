-- One row: "now", and the periods that follow from it.
with

transactions as (
    select * from {{ ref('stg_raw__transactions') }}
),

determine_as_of as (
    select max(as_of) as as_of
    from transactions
),

-- A period counts as complete when as_of is its last day.
determine_horizon as (
    select
        as_of,
        {{ period_start(dbt.dateadd('day', 1, 'as_of')) }} as horizon_start
    from determine_as_of
),

final as (
    select
        as_of,
        horizon_start,
        {{ add_periods('horizon_start', -1) }} as last_complete_period_start
    from determine_horizon
)

select * from final
