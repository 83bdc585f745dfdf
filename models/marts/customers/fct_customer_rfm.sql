-- One row per customer with a purchase: recency, frequency, monetary and season.
with

transactions as (
    select *
    from {{ ref('fct_transactions') }}
    where customer_id is not null
),

calendar as (
    select as_of from {{ ref('int_calendar__determine_as_of') }}
),

summarize_customers as (
    select
        customer_id,
        min(case when quantity > 0 then ordered_date end) as first_purchase_date,
        max(case when quantity > 0 then ordered_date end) as last_purchase_date,
        count(distinct case when quantity > 0 then ordered_date end) as purchase_days,
        count(distinct case when quantity > 0 then order_id end) as frequency,
        sum(case when quantity > 0 then revenue else 0 end) as sales,
        sum(case when quantity > 0 then quantity else 0 end) as sold_units,
        sum(case when quantity < 0 then -quantity else 0 end) as returned_units,
        {% for quarter in [1, 2, 3, 4] %}
        sum(
            case
                when quantity > 0 and extract(quarter from ordered_date) = {{ quarter }}
                    then quantity
                else 0
            end
        ) as q{{ quarter }}_units,
        {% endfor %}
        sum(revenue) as monetary
    from transactions
    group by customer_id
),

measure_customers as (
    select
        summarize_customers.*,
        {{ days_between('last_purchase_date', 'as_of') }} as recency_days,
        {{ days_between('first_purchase_date', 'as_of') }} as tenure_days,
        {{ days_between('first_purchase_date', 'last_purchase_date') }} as last_purchase_age_days,
        summarize_customers.purchase_days - 1 as repeat_purchase_days
    from summarize_customers
    cross join calendar
    where summarize_customers.sold_units > 0
),

-- Equal values get equal scores: a score is the fifth of the ranking that a value falls in.
rank_customers as (
    select
        *,
        percent_rank() over (order by recency_days desc) as recency_rank,
        percent_rank() over (order by frequency) as frequency_rank,
        percent_rank() over (order by monetary) as monetary_rank
    from measure_customers
),

final as (
    select
        {{ cast_to('customer_id', 'string') }} as customer_id,
        first_purchase_date,
        last_purchase_date,
        {{ cast_to('recency_days', 'integer') }} as recency_days,
        {{ cast_to('frequency', 'integer') }} as frequency,
        {{ cast_to_decimal('monetary') }} as monetary,
        {{ cast_to('sales', 'numeric') }} / frequency as mean_order_value,
        {{ cast_to('tenure_days', 'integer') }} as tenure_days,
        {{ cast_to('repeat_purchase_days', 'integer') }} as repeat_purchase_days,
        {{ cast_to('last_purchase_age_days', 'integer') }} as last_purchase_age_days,
        {{ cast_to('last_purchase_age_days', 'numeric') }}
        / nullif(repeat_purchase_days, 0) as interpurchase_days,
        {{ cast_to('returned_units', 'numeric') }} / sold_units as return_rate,
        {% for quarter in [1, 2, 3, 4] %}
        {{ cast_to('q' ~ quarter ~ '_units', 'numeric') }} / sold_units
            as q{{ quarter }}_share,
        {% endfor %}
        {{ cast_to('least(1 + floor(5 * recency_rank), 5)', 'integer') }} as recency_score,
        {{ cast_to('least(1 + floor(5 * frequency_rank), 5)', 'integer') }} as frequency_score,
        {{ cast_to('least(1 + floor(5 * monetary_rank), 5)', 'integer') }} as monetary_score
    from rank_customers
)

select * from final
