-- One row per centre and region that the plan or an order used in the last complete period.
with

shipments as (
    select * from {{ ref('stg_planning__plan_shipments') }}
),

runs as (
    select *
    from {{ ref('int_allocation__state_runs') }}
    where state in ('in_force', 'superseded')
),

transactions as (
    select *
    from {{ ref('fct_transactions') }}
    where
        quantity > 0
        and fc_id is not null
),

calendar as (
    select last_complete_period_start from {{ ref('int_calendar__determine_as_of') }}
),

-- The newest plan that began by then and reached it.
rank_runs as (
    select
        runs.run_id,
        row_number() over (
            order by runs.horizon_start desc, runs.approved_at desc, runs.run_id asc
        ) as recency_rank
    from runs
    cross join calendar
    where
        runs.horizon_start <= calendar.last_complete_period_start
        and {{ add_periods('runs.horizon_start', 'runs.horizon_periods') }}
        > calendar.last_complete_period_start
),

sum_planned as (
    select
        shipments.fc_id,
        shipments.region_id,
        shipments.period_start,
        sum({{ cast_to_decimal('shipments.units', 6) }}) as units
    from shipments
    inner join rank_runs
        on
            shipments.run_id = rank_runs.run_id
            and rank_runs.recency_rank = 1
    inner join calendar
        on shipments.period_start = calendar.last_complete_period_start
    group by shipments.fc_id, shipments.region_id, shipments.period_start
),

count_planned as (
    select count(*) as lanes
    from sum_planned
),

sum_shipped as (
    select
        transactions.fc_id,
        transactions.region_id,
        transactions.period_start,
        sum(transactions.quantity) as units
    from transactions
    inner join calendar
        on transactions.period_start = calendar.last_complete_period_start
    group by transactions.fc_id, transactions.region_id, transactions.period_start
),

list_lanes as (
    select
        fc_id,
        region_id,
        period_start
    from sum_planned
    union distinct
    select
        fc_id,
        region_id,
        period_start
    from sum_shipped
),

final as (
    select
        list_lanes.fc_id,
        list_lanes.region_id,
        list_lanes.period_start,
        {{ cast_to('coalesce(sum_planned.units, 0)', 'numeric') }} as planned_units,
        {{ cast_to('coalesce(sum_shipped.units, 0)', 'numeric') }} as shipped_units
    from list_lanes
    left join sum_planned
        on
            list_lanes.fc_id = sum_planned.fc_id
            and list_lanes.region_id = sum_planned.region_id
    left join sum_shipped
        on
            list_lanes.fc_id = sum_shipped.fc_id
            and list_lanes.region_id = sum_shipped.region_id
    cross join count_planned
    -- Without a plan there is nothing to compare with.
    where count_planned.lanes > 0
)

select * from final
