-- One row per customer that is looked at as it was on earlier days: those who had bought by the
-- last of them, 50,000 at most, chosen by a hash of their id.
with

days as (
    select * from {{ ref('int_customers__aggregate_days') }}
),

snapshots as (
    select *
    from {{ ref('int_customers__list_snapshots') }}
    where snapshots_back = 1
),

list_customers as (
    select distinct days.customer_id
    from days
    inner join snapshots
        on days.purchase_date <= snapshots.snapshot_date
),

rank_customers as (
    select
        customer_id,
        row_number() over (order by {{ dbt.hash('customer_id') }}, customer_id) as sample_rank
    from list_customers
),

final as (
    select customer_id
    from rank_customers
    where sample_rank <= 50000
)

select * from final
