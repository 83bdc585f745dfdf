-- One row per refused input row, with the reason.
with

transactions as (
    {{ select_rejected(ref('int_sales__refuse_transactions'), 'transactions') }}
),

external_signals as (
    {{ select_rejected(ref('stg_raw__external_signals'), 'external_signals') }}
),

master_rejects as (
    select * from {{ ref('int_quality__union_master_rejects') }}
),

reference_rejects as (
    select * from {{ ref('int_quality__union_reference_rejects') }}
),

final as (
    select * from transactions
    union all
    select * from external_signals
    union all
    select * from master_rejects
    union all
    select * from reference_rejects
)

select
    {{ cast_to('source_table', 'string') }} as source_table,
    {{ cast_to('row_key', 'string') }} as row_key,
    {{ cast_to('occurrence', 'integer') }} as occurrence,
    {{ cast_to('reason', 'string') }} as reason,
    {{ cast_to('raw_row', 'string') }} as raw_row
from final
