-- What the SQL models of this project make of order lines, written by hand for DuckDB: accepted and
-- refused lines, customers, RFM, demand. `benchmarks/hand_written.py` times it beside the models.
create schema hand;

create view hand.checked as
select
    *,
    case
        when
            order_id is null or order_line is null or ordered_at is null or sku is null
            or quantity is null or unit_price is null
            then 'null_key'
        when not isfinite(unit_price::double) or not isfinite(shipping_cost::double)
            then 'not_a_number'
        when unit_price < 0 then 'negative_price'
        when abs(quantity) > 100000 then 'absurd_quantity'
        when ordered_at::date > current_date then 'future_date'
        when ordered_at < '1990-01-01' then 'too_old'
        when unit_price >= 1e12 or shipping_cost < 0 or shipping_cost >= 1e12 then 'out_of_range'
    end as reason
from raw.transactions;

create table hand.repeated_keys as
select order_id, order_line
from raw.transactions
group by order_id, order_line
having count(*) > 1;

create table hand.repeats as
with rows_of_keys as (
    select *
    from hand.checked
    semi join hand.repeated_keys using (order_id, order_line)
),
with_text as (
    select *, to_json(rows_of_keys)::varchar as raw_row
    from rows_of_keys
)
select
    *,
    coalesce(
        reason,
        case
            when min(raw_row) over same_key <> max(raw_row) over same_key
                then 'conflicting_duplicate'
            when row_number() over (same_key order by raw_row) > 1 then 'duplicate'
        end
    ) as final_reason
from with_text
window same_key as (partition by order_id, order_line);

create table hand.refused as
select order_id, order_line, ordered_at, reason, to_json(checked)::varchar as raw_row
from hand.checked
anti join hand.repeated_keys using (order_id, order_line)
where reason is not null
union all
select order_id, order_line, ordered_at, final_reason, raw_row
from hand.repeats
where final_reason is not null;

create table hand.transactions as
with accepted as (
    select * exclude (reason)
    from hand.checked
    anti join hand.repeated_keys using (order_id, order_line)
    where reason is null
    union all
    select * exclude (reason, raw_row, final_reason)
    from hand.repeats
    where final_reason is null
)
select
    accepted.order_id,
    accepted.order_line,
    accepted.customer_id,
    accepted.sku,
    coalesce(accepted.region_id, customers.region_id, 'unassigned') as region_id,
    accepted.fc_id,
    accepted.quantity,
    accepted.unit_price::decimal(28, 4) as unit_price,
    (accepted.quantity * accepted.unit_price::decimal(28, 4))::decimal(28, 4) as revenue,
    accepted.shipping_cost::decimal(28, 4) as shipping_cost,
    accepted.ordered_at,
    accepted.promised_at,
    accepted.delivered_at,
    accepted.ordered_at::date as ordered_date,
    date_trunc('week', accepted.ordered_at)::date as period_start,
    accepted.quantity < 0 as is_return,
    coalesce(accepted.delivered_at > accepted.promised_at, false) as is_late
from accepted
left join raw.customers using (customer_id);

create table hand.customers as
with buyers as (
    select customer_id, min(ordered_at) as first_ordered_at, min(region_id) as region_id
    from hand.transactions
    where customer_id is not null
    group by customer_id
)
select
    coalesce(customers.customer_id, buyers.customer_id) as customer_id,
    coalesce(customers.region_id, buyers.region_id) as region_id,
    coalesce(customers.signed_up_at, buyers.first_ordered_at) as signed_up_at
from raw.customers
full join buyers on customers.customer_id = buyers.customer_id;

create table hand.rfm as
with counts as (
    select
        t.customer_id,
        count(distinct t.order_id) as frequency,
        count(distinct coalesce(p.category, 'unassigned')) as category_count
    from hand.transactions as t
    left join raw.products as p using (sku)
    where t.customer_id is not null and t.quantity > 0
    group by t.customer_id
),
days as (
    select
        customer_id,
        ordered_date,
        sum(revenue) as revenue,
        coalesce(sum(revenue) filter (quantity > 0), 0) as sales,
        coalesce(sum(quantity) filter (quantity > 0), 0) as sold,
        coalesce(-sum(quantity) filter (quantity < 0), 0) as returned,
        2 * pi() / 365.25 * (ordered_date - date_trunc('year', ordered_date)::date) as angle
    from hand.transactions
    where customer_id is not null
    group by customer_id, ordered_date
),
gaps as (
    select
        *,
        case when sold > 0
                then ordered_date - lag(ordered_date) over (
                    partition by customer_id, sold > 0 order by ordered_date
                )
        end as gap
    from days
),
sums as (
    select
        customer_id,
        min(ordered_date) filter (sold > 0) as first_date,
        max(ordered_date) filter (sold > 0) as last_date,
        count(*) filter (sold > 0) as purchase_days,
        count(gap) as gaps,
        sum(gap) as gap_sum,
        sum(gap * gap) as gap_squares,
        sum(revenue) as monetary,
        sum(sales) as sales,
        sum(sold) as sold,
        sum(returned) as returned,
        sum(sold) filter (quarter(ordered_date) = 1) as q1,
        sum(sold) filter (quarter(ordered_date) = 2) as q2,
        sum(sold) filter (quarter(ordered_date) = 3) as q3,
        sum(sold) filter (quarter(ordered_date) = 4) as q4,
        sum(round(1e6 * cos(angle))::bigint) filter (sold > 0) / 1e6 as cosine,
        sum(round(1e6 * sin(angle))::bigint) filter (sold > 0) / 1e6 as sine
    from gaps
    group by customer_id
    having sum(sold) > 0
),
season as (
    select
        *,
        (select max(ordered_date) from hand.transactions) as as_of,
        case when purchase_days > 1 and cosine * cosine + sine * sine > purchase_days
                then (cosine * cosine + sine * sine - purchase_days)
                    / (purchase_days * (purchase_days - 1.0))
            else 0
        end as strength,
        atan2(sine, cosine) as peak
    from sums
)
select
    customer_id,
    first_date as first_purchase_date,
    last_date as last_purchase_date,
    as_of - last_date as recency_days,
    frequency,
    monetary::decimal(28, 4) as monetary,
    sales::double / frequency as mean_order_value,
    as_of - first_date as tenure_days,
    purchase_days - 1 as repeat_purchase_days,
    last_date - first_date as last_purchase_age_days,
    gap_sum::double / nullif(gaps, 0) as interpurchase_days,
    case when gaps > 1
            then sqrt((gaps * gap_squares - gap_sum * gap_sum)::double / (gaps * (gaps - 1)))
                / (gap_sum::double / gaps)
    end as interpurchase_variation,
    returned::double / sold as return_rate,
    category_count,
    coalesce(q1, 0)::double / sold as q1_share,
    coalesce(q2, 0)::double / sold as q2_share,
    coalesce(q3, 0)::double / sold as q3_share,
    coalesce(q4, 0)::double / sold as q4_share,
    sqrt(least(strength, 1.0)) as season_strength,
    case when strength > 0
            then floor(0.5 + 365.25 * (peak + case when peak < 0 then 2 * pi() else 0 end)
                / (2 * pi()))::bigint
    end as season_peak_day,
    least(1 + floor(5 * percent_rank() over (order by as_of - last_date desc)), 5)::bigint
        as recency_score,
    least(1 + floor(5 * percent_rank() over (order by frequency)), 5)::bigint as frequency_score,
    least(1 + floor(5 * percent_rank() over (order by monetary::decimal(28, 4))), 5)::bigint
        as monetary_score
from season
inner join counts using (customer_id);

create table hand.demand as
with sales as (
    select
        coalesce(s.segment, 'unassigned') as segment,
        t.sku,
        t.region_id,
        t.period_start,
        coalesce(sum(t.quantity) filter (t.quantity > 0), 0) as units,
        coalesce(-sum(t.quantity) filter (t.quantity < 0), 0) as returned_units,
        coalesce(sum(t.revenue) filter (t.quantity > 0), 0) as revenue
    from hand.transactions as t
    left join main.dim_customer_segments as s using (customer_id)
    group by all
),
horizon as (
    select date_trunc('week', max(ordered_date) + 1)::date - 7 as last_period
    from hand.transactions
),
series as (
    select
        segment,
        sku,
        region_id,
        min(period_start) as first_period,
        least(max(last_period), max(period_start) + 7 * 52) as last_period
    from sales
    cross join horizon
    where units > 0 and period_start <= last_period
    group by segment, sku, region_id
),
spine as (
    select segment, sku, region_id, unnest(
        generate_series(first_period, last_period, interval 7 day)
    )::date as period_start
    from series
)
select
    spine.*,
    coalesce(sales.units, 0)::bigint as units,
    coalesce(sales.returned_units, 0)::bigint as returned_units,
    coalesce(sales.revenue, 0)::decimal(28, 4) as revenue
from spine
left join sales using (segment, sku, region_id, period_start);
