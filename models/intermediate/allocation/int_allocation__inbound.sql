-- One row per centre, SKU and period of the plan: units of open orders that arrive.
with

inbound as (
    select *
    from {{ ref('int_stock__check_inbound_shipments') }}
    where final_rejection_reason is null
),

calendar as (
    select * from {{ ref('int_calendar__determine_as_of') }}
),

periods as (
    select * from {{ ref('int_allocation__periods') }}
),

-- What should have come already is expected in the first period.
date_arrivals as (
    select
        inbound.fc_id,
        inbound.sku,
        inbound.quantity,
        greatest(
            {{ period_start('inbound.expected_date') }}, calendar.horizon_start
        ) as period_start
    from inbound
    cross join calendar
),

final as (
    select
        date_arrivals.fc_id,
        date_arrivals.sku,
        date_arrivals.period_start,
        periods.period_index,
        sum(date_arrivals.quantity) as units
    from date_arrivals
    inner join periods
        on date_arrivals.period_start = periods.period_start
    group by
        date_arrivals.fc_id,
        date_arrivals.sku,
        date_arrivals.period_start,
        periods.period_index
)

select * from final
