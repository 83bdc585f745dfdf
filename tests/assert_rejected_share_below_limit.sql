-- More than var('max_rejected_share') of a table's rows refused is no longer dirt: stop the build.
-- Reference tables of a few rows are left to the warning.
with

transactions as (
    select count(*) as row_count from {{ ref('fct_transactions') }}
),

rejected as (
    select count(*) as row_count
    from {{ ref('fct_rejected_rows') }}
    where source_table = 'transactions'
)

select
    rejected.row_count as rejected_rows,
    transactions.row_count as accepted_rows
from rejected
cross join transactions
where
    rejected.row_count
    > {{ var('max_rejected_share') }} * (rejected.row_count + transactions.row_count)
