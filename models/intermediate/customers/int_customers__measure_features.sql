-- One row per snapshot and customer with a purchase by then: the customer as known on that day,
-- and what the customer did in the days after it. Earlier snapshots have a sample of customers.
{% set pi = 'acos(-1)' %}
with

days as (
    select * from {{ ref('int_customers__aggregate_days') }}
),

snapshots as (
    select * from {{ ref('int_customers__list_snapshots') }}
),

sample_customers as (
    select * from {{ ref('int_customers__sample_customers') }}
),

sample_days as (
    select days.*
    from days
    inner join sample_customers
        on days.customer_id = sample_customers.customer_id
),

known_days as (
    select
        snapshots.snapshots_back,
        snapshots.snapshot_date,
        days.*
    from snapshots
    inner join days
        on snapshots.snapshot_date >= days.ordered_date
    where snapshots.snapshots_back = 0
    union all
    select
        snapshots.snapshots_back,
        snapshots.snapshot_date,
        sample_days.*
    from snapshots
    inner join sample_days
        on snapshots.snapshot_date >= sample_days.ordered_date
    where snapshots.snapshots_back > 0
),

sum_days as (
    select
        known_days.snapshots_back,
        known_days.snapshot_date,
        known_days.customer_id,
        min(known_days.purchase_date) as first_purchase_date,
        max(known_days.purchase_date) as last_purchase_date,
        count(known_days.purchase_date) as purchase_days,
        count(known_days.gap_days) as gaps,
        sum(known_days.gap_days) as gap_sum,
        sum(known_days.gap_days * known_days.gap_days) as gap_square_sum,
        sum(known_days.orders) as frequency,
        sum(known_days.categories) as category_count,
        sum(known_days.revenue) as monetary,
        sum(known_days.sales) as sales,
        sum(case when known_days.gap_days is not null then known_days.sales else 0 end)
            as repeat_sales,
        sum(known_days.sold_units) as sold_units,
        sum(known_days.returned_units) as returned_units,
        {% for quarter in [1, 2, 3, 4] %}
        sum(
            case
                when extract(quarter from known_days.ordered_date) = {{ quarter }}
                    then known_days.sold_units
                else 0
            end
        ) as q{{ quarter }}_units,
        {% endfor %}
        {{ cast_to('sum(known_days.season_cos_millionths)', 'numeric') }} / 1000000
            as season_cos_sum,
        {{ cast_to('sum(known_days.season_sin_millionths)', 'numeric') }} / 1000000
            as season_sin_sum
    from known_days
    group by known_days.snapshots_back, known_days.snapshot_date, known_days.customer_id
),

sum_next_days as (
    select
        snapshots.snapshots_back,
        sample_days.customer_id,
        sum(sample_days.revenue) as next_spend,
        count(sample_days.purchase_date) as next_purchase_days
    from snapshots
    inner join sample_days
        on
            snapshots.snapshot_date < sample_days.ordered_date
            and snapshots.outcome_end_date >= sample_days.ordered_date
    group by snapshots.snapshots_back, sample_days.customer_id
),

-- How far the purchase days keep to one time of the year: the mean cosine of the angle between two
-- of them, which is 0 for days spread evenly and needs no correction for few days.
measure_season as (
    select
        *,
        season_cos_sum * season_cos_sum + season_sin_sum * season_sin_sum as season_square,
        atan2(season_sin_sum, season_cos_sum) as season_angle
    from sum_days
    where sold_units > 0
),

measure_strength as (
    select
        *,
        case
            when purchase_days > 1 and season_square > purchase_days
                then (season_square - purchase_days) / (purchase_days * (purchase_days - 1.0))
            else 0
        end as strength_square
    from measure_season
),

final as (
    select
        measure_strength.snapshots_back,
        measure_strength.snapshot_date,
        measure_strength.customer_id,
        measure_strength.first_purchase_date,
        measure_strength.last_purchase_date,
        measure_strength.purchase_days,
        {{ days_between(
            'measure_strength.last_purchase_date', 'measure_strength.snapshot_date'
        ) }} as recency_days,
        {{ days_between(
            'measure_strength.first_purchase_date', 'measure_strength.snapshot_date'
        ) }} as tenure_days,
        {{ days_between(
            'measure_strength.first_purchase_date', 'measure_strength.last_purchase_date'
        ) }} as last_purchase_age_days,
        measure_strength.frequency,
        {{ cast_to_decimal('measure_strength.monetary') }} as monetary,
        {{ cast_to_decimal('measure_strength.sales') }} as sales,
        {{ cast_to_decimal('measure_strength.repeat_sales') }} as repeat_sales,
        measure_strength.category_count,
        {{ share_of('measure_strength.gap_sum', 'measure_strength.gaps') }} as interpurchase_days,
        case
            when measure_strength.gaps > 1
                then sqrt(
                    {{ share_of(
                        'measure_strength.gaps * measure_strength.gap_square_sum'
                        ~ ' - measure_strength.gap_sum * measure_strength.gap_sum',
                        'measure_strength.gaps * (measure_strength.gaps - 1)'
                    ) }}
                    ) / ({{ share_of('measure_strength.gap_sum', 'measure_strength.gaps') }})
        end as interpurchase_variation,
        {{ share_of('measure_strength.returned_units', 'measure_strength.sold_units') }}
            as return_rate,
        {% for quarter in [1, 2, 3, 4] %}
        {{ share_of(
            'measure_strength.q' ~ quarter ~ '_units', 'measure_strength.sold_units'
        ) }} as q{{ quarter }}_share,
        {% endfor %}
        sqrt(least({{ cast_to('measure_strength.strength_square', 'numeric') }}, 1.0))
            as season_strength,
        case
            when measure_strength.strength_square > 0
                then {{ cast_to(
                    'floor(0.5 + 365.25 * (measure_strength.season_angle + case when'
                    ~ ' measure_strength.season_angle < 0 then 2 * ' ~ pi ~ ' else 0 end) / (2 * '
                    ~ pi ~ '))', 'integer'
                ) }}
        end as season_peak_day,
        {{ cast_to_decimal(
            'case when measure_strength.snapshots_back > 0'
            ~ ' then coalesce(sum_next_days.next_spend, 0) end'
        ) }} as next_spend,
        case
            when measure_strength.snapshots_back > 0
                then coalesce(sum_next_days.next_purchase_days, 0)
        end as next_purchase_days
    from measure_strength
    left join sum_next_days
        on
            measure_strength.snapshots_back = sum_next_days.snapshots_back
            and measure_strength.customer_id = sum_next_days.customer_id
)

select * from final
