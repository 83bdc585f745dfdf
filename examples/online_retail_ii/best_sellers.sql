-- For a replay: only the SKUs that sold most in the first year, which no week of a replay is in.
-- Runs between mapping.sql and network.sql.

create or replace table best_sellers as

with

first_year as (
    select
        sku,
        sum(quantity) as units,
    from transactions
    where ordered_at < (select min(ordered_at) + interval 1 year from transactions)
    group by sku
),

final as (
    select sku from first_year
    where sku is not null
    order by units desc, sku
    limit getvariable('best_sellers')
)

select * from final
order by sku;


delete from transactions
where sku is null or sku not in (select sku from best_sellers);
