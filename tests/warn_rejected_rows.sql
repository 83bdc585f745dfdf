{{ config(severity='warn') }}
-- Refused rows are worth a look: each stands in fct_rejected_rows with its reason.
select
    source_table,
    reason,
    count(*) as row_count
from {{ ref('fct_rejected_rows') }}
group by source_table, reason
