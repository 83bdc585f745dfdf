-- One row per day with an order line: a number that changes when its lines do, or the home centre
-- of a region.
with

transactions as (
    select distinct
        ordered_date,
        day_fingerprint
    from {{ ref('fct_transactions') }}
),

regions as (
    select
        sum({{ cast_to_decimal(fingerprint_of(['region_id', 'home_fc_id']), 0) }})
            as region_fingerprints
    from {{ ref('dim_regions') }}
),

final as (
    select
        transactions.ordered_date,
        {{ fingerprint_of(['transactions.day_fingerprint', 'regions.region_fingerprints']) }}
            as day_fingerprint
    from transactions
    cross join regions
)

select * from final
