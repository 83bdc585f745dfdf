-- One row per experiment that has started and unit in it: each metric while it ran, and in as many
-- days before.
{% set amounts = ['orders', 'units', 'revenue'] %}
{% set shares = ['late_share', 'shipping_cost_per_unit'] %}
{% set windows = {'': 'is_during', '_before': 'is_before'} %}
with

experiments as (
    select *
    from {{ ref('stg_raw__experiments') }}
    where rejection_reason is null
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

days as (
    select * from {{ ref('int_experiments__aggregate_days') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

find_first_day as (
    select min(ordered_date) as first_date
    from days
),

close_windows as (
    select
        experiments.*,
        case
            when experiments.ended_on < calendar.as_of then experiments.ended_on
            else calendar.as_of
        end as last_date
    from experiments
    cross join calendar
    where experiments.started_on <= calendar.as_of
),

measure_windows as (
    select
        *,
        1 + {{ days_between('started_on', 'last_date') }} as window_days
    from close_windows
    where started_on <= last_date
),

join_days as (
    select
        measure_windows.experiment_id,
        measure_windows.unit_id,
        days.orders,
        days.units,
        days.revenue,
        days.timed_lines,
        days.late_lines,
        days.shipped_units,
        days.shipping_cost,
        {{ days_between('days.ordered_date', 'measure_windows.started_on') }} as days_back,
        days.ordered_date >= measure_windows.started_on as is_during,
        days.ordered_date < measure_windows.started_on
        and {{ days_between('days.ordered_date', 'measure_windows.started_on') }}
        <= measure_windows.window_days as is_before
    from measure_windows
    inner join days
        on
            measure_windows.unit_type = days.unit_type
            and measure_windows.unit_id = days.unit_id
            and measure_windows.last_date >= days.ordered_date
),

sum_windows as (
    select
        experiment_id,
        unit_id,
        {% for suffix, condition in windows.items() %}
        {% for metric in amounts %}
        sum(case when {{ condition }} then {{ metric }} else 0 end) as {{ metric }}{{ suffix }},
        {% endfor %}
        {{ share_of(
            'sum(case when ' ~ condition ~ ' then late_lines else 0 end)',
            'sum(case when ' ~ condition ~ ' then timed_lines else 0 end)'
        ) }} as late_share{{ suffix }},
        {{ share_of(
            'sum(case when ' ~ condition ~ ' then shipping_cost else 0 end)',
            'sum(case when ' ~ condition ~ ' then shipped_units else 0 end)'
        ) }} as shipping_cost_per_unit{{ suffix }},
        {% endfor %}
        max(case when not is_during and units > 0 then days_back end) as tenure_days_before,
        min(case when not is_during and units > 0 then days_back end) as recency_days_before
    from join_days
    group by experiment_id, unit_id
),

final as (
    select
        measure_windows.experiment_id,
        measure_windows.unit_type,
        measure_windows.assignment,
        measure_windows.unit_id,
        measure_windows.variant,
        customers.region_id as cluster_id,
        {% for suffix in windows %}
        {% set is_known = 'true' if not suffix else (
            days_between('find_first_day.first_date', 'measure_windows.started_on')
            ~ ' >= measure_windows.window_days'
        ) %}
        {% for metric in amounts + shares %}
        {% set value = 'sum_windows.' ~ metric ~ suffix %}
        case
            when {{ is_known }}
                then {{ 'coalesce(' ~ value ~ ', 0)' if metric in amounts else value }}
        end as {{ metric }}{{ suffix }},
        {% endfor %}
        {% endfor %}
        sum_windows.tenure_days_before,
        sum_windows.recency_days_before
    from measure_windows
    cross join find_first_day
    left join sum_windows
        on
            measure_windows.experiment_id = sum_windows.experiment_id
            and measure_windows.unit_id = sum_windows.unit_id
    left join customers
        on
            measure_windows.unit_id = customers.customer_id
            and measure_windows.unit_type = 'customer'
)

select * from final
