-- One row per day with an order line: a number that changes when its lines do, the home centre of a
-- region, or what is in an experiment.
with

transactions as (
    select distinct
        ordered_date,
        accepted_fingerprint
    from {{ ref('fct_transactions') }}
),

regions as (
    select
        sum({{ cast_to_decimal(fingerprint_of(['region_id', 'home_fc_id']), 0) }})
            as region_fingerprints
    from {{ ref('dim_regions') }}
),

units as (
    select
        sum({{ cast_to_decimal(fingerprint_of(['unit_type', 'unit_id']), 0) }})
            as unit_fingerprints
    from {{ ref('int_experiments__list_units') }}
),

final as (
    select
        transactions.ordered_date,
        {{ fingerprint_of([
            'transactions.accepted_fingerprint',
            'regions.region_fingerprints',
            'units.unit_fingerprints',
        ]) }} as day_fingerprint
    from transactions
    cross join regions
    cross join units
)

select * from final
