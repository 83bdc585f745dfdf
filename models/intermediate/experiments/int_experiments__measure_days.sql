-- One row per unit that may be in an experiment and day with an order line: what it did on that
-- day. A view, for planning an experiment.
{{ config(materialized='view') }}
with

lines as (
    select * from {{ ref('int_experiments__locate_lines') }}
),

final as (
    {{ unit_days('lines') }}
)

select * from final
