-- One row per order line whose key another row has too: why it is refused, if it is.
with

transactions as (
    select *
    from {{ ref('stg_raw__transactions') }}
    where
        order_id is not null
        and order_line is not null
),

hash_keys as (
    select {{ hash_of(['order_id', 'order_line']) }} as key_hash
    from transactions
),

-- The keys of 10^8 rows fit into memory as hashes only; what shares a hash is compared below.
count_hashes as (
    select key_hash
    from hash_keys
    group by key_hash
    having count(*) > 1
),

keep_candidates as (
    select transactions.*
    from transactions
    inner join count_hashes
        on
            {{ hash_of(['transactions.order_id', 'transactions.order_line']) }}
            = count_hashes.key_hash
),

compare_rows as (
    select
        *,
        row_number() over (partition by order_id, order_line order by raw_row) as occurrence,
        count(*) over (partition by order_id, order_line) as occurrences,
        coalesce(rejection_reason, {{ repeat_reason(['order_id', 'order_line']) }})
            as final_rejection_reason
    from keep_candidates
),

final as (
    select *
    from compare_rows
    where occurrences > 1
)

select * from final
