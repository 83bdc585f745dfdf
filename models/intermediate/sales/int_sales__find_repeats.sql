-- One row per order line whose key another row has too: why it is refused, if it is. Of the days
-- that are read again.
-- depends_on: {{ ref('int_sales__list_changed_days') }}
with

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where
        order_id is not null
        and order_line is not null
        and {{ is_day_read_again('ordered_at') }}
),

fingerprint_keys as (
    select {{ fingerprint_of(['order_id', 'order_line']) }} as key_fingerprint
    from transactions
),

-- The keys of 10^8 rows fit into memory as numbers only; what shares one is compared below.
count_fingerprints as (
    select key_fingerprint
    from fingerprint_keys
    group by key_fingerprint
    having count(*) > 1
),

keep_candidates as (
    select transactions.*
    from transactions
    inner join count_fingerprints
        on
            {{ fingerprint_of(['transactions.order_id', 'transactions.order_line']) }}
            = count_fingerprints.key_fingerprint
),

write_rows as (
    select
        *,
        {{ order_line_as_json() }} as raw_row
    from keep_candidates
),

compare_rows as (
    select
        *,
        row_number() over (partition by order_id, order_line order by raw_row) as occurrence,
        count(*) over (partition by order_id, order_line) as occurrences,
        coalesce(rejection_reason, {{ repeat_reason(['order_id', 'order_line']) }})
            as final_rejection_reason
    from write_rows
),

final as (
    select *
    from compare_rows
    where occurrences > 1
)

select * from final
