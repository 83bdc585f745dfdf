-- Maps the lines of Online Retail II to the contract. Needs two variables, which prepare.py sets:
-- source_path, the parquet file, and network_path, the folder with countries.csv.
-- What is real comes from here; what is invented comes from network.sql, which runs next.

create or replace table countries as

select
    country,
    region_id,
from read_csv(
    getvariable('network_path') || '/countries.csv',
    columns = {'country': 'varchar', 'region_id': 'varchar'}
);


create or replace table source_lines as

with

lines as (
    select * from read_parquet(getvariable('source_path'))
),

typed as (
    select
        nullif(trim("Invoice"), '') as invoice,
        nullif(trim("StockCode"), '') as stock_code_as_written,
        -- 85123a and 85123A are one product: 173 codes come in both cases.
        upper(stock_code_as_written) as stock_code,
        -- The file spells some missing descriptions as the text nan.
        nullif(nullif(trim("Description"), ''), 'nan') as description,
        cast("Quantity" as bigint) as quantity,
        try_cast("InvoiceDate" as timestamp) as invoiced_at,
        cast("Price" as double) as price,
        cast(cast("Customer ID" as bigint) as varchar) as customer_id,
        nullif(trim("Country"), '') as country,
    from lines
),

numbered as (
    select
        *,
        -- Sorted by every column, so the numbers don't depend on the order of the file. Lines that
        -- tie are equal in all of them: it doesn't matter which comes first.
        row_number() over (
            partition by invoice
            order by
                stock_code_as_written asc nulls last,
                description asc nulls last,
                quantity asc nulls last,
                invoiced_at asc nulls last,
                price asc nulls last,
                customer_id asc nulls last,
                country asc nulls last
        ) as invoice_line,
    from typed
),

-- Every line gets exactly one rule, the first that fits.
ruled as (
    select
        *,
        case
            when invoice is null or stock_code is null or quantity is null
                or price is null or invoiced_at is null then 'incomplete'
            when stock_code = 'B' or starts_with(invoice, 'A') then 'bad_debt'
            when stock_code in ('POST', 'DOT', 'C2', 'C3', '23444', '23574') then 'postage'
            when stock_code in ('BANK CHARGES', 'AMAZONFEE', 'CRUK') then 'fee'
            when stock_code in ('ADJUST', 'ADJUST2') then 'adjustment'
            when stock_code = 'D' then 'discount'
            when stock_code = 'M' then 'manual'
            when stock_code = 'S' then 'sample'
            when starts_with(stock_code, 'GIFT') or stock_code = '22016' then 'voucher'
            when starts_with(stock_code, 'TEST') then 'test_product'
            when quantity < 0 and price = 0 and not starts_with(invoice, 'C') then 'write_off'
            when price < 0 then 'negative_price'
            when quantity < 0 then 'cancellation'
            when price = 0 and customer_id is null then 'zero_price_no_customer'
            when price = 0 then 'zero_price'
            else 'sale'
        end as rule,
    from numbered
),

final as (
    select
        ruled.*,
        coalesce(countries.region_id, 'rest_of_world') as region_id,
        countries.country is not null as is_listed_country,
    from ruled
    left join countries
        on ruled.country = countries.country
)

select * from final;


create or replace table rules as

select
    rule,
    is_mapped,
    meaning,
from (
    values
    ('sale', true, 'sold units'),
    ('cancellation', true, 'negative units of a C invoice: a return'),
    ('zero_price', true, 'given to a known customer at price 0'),
    ('zero_price_no_customer', true, 'price 0 and no customer: gifts, also found stock'),
    ('negative_price', true, 'left for the system to reject'),
    ('incomplete', true, 'lacks a required column: left for the system to reject'),
    ('postage', false, 'POST, DOT, C2, C3, 23444 and 23574: postage, carriage, packing'),
    ('fee', false, 'BANK CHARGES, AMAZONFEE and CRUK (a commission)'),
    ('manual', false, 'M: manual entry'),
    ('discount', false, 'D: discount'),
    ('sample', false, 'S: samples'),
    ('voucher', false, 'GIFT... and 22016: gift vouchers'),
    ('adjustment', false, 'ADJUST and ADJUST2: adjustments by hand'),
    ('test_product', false, 'TEST...: test products'),
    ('bad_debt', false, 'B and A invoices: bad debt'),
    ('write_off', false, 'negative units at price 0, no C invoice: damaged, lost, miscounted')
) as listed (rule, is_mapped, meaning);


create or replace table transactions as

select
    source_lines.invoice as order_id,
    source_lines.invoice_line as order_line,
    source_lines.invoiced_at as ordered_at,
    source_lines.customer_id,
    source_lines.stock_code as sku,
    source_lines.quantity,
    source_lines.price as unit_price,
    source_lines.region_id,
    cast(null as varchar) as fc_id,
    cast(null as double) as shipping_cost,
    cast(null as timestamp) as promised_at,
    cast(null as timestamp) as delivered_at,
from source_lines
inner join rules
    on source_lines.rule = rules.rule
where rules.is_mapped
order by order_id, order_line;


create or replace table customers as

with

-- Thirteen customers bought from two countries: the last one counts.
latest as (
    select
        customer_id,
        region_id,
    from transactions
    where customer_id is not null
    qualify
        row_number() over (
            partition by customer_id
            order by ordered_at desc nulls last, order_id desc, order_line desc
        ) = 1
),

final as (
    select
        customer_id,
        region_id,
        -- The first order in the file is not the sign-up.
        cast(null as timestamp) as signed_up_at,
        cast(null as varchar) as acquisition_channel,
    from latest
)

select * from final
order by customer_id;


create or replace table mapping_counts as

with

counted as (
    select
        rule,
        count(*) as lines,
    from source_lines
    group by rule
),

final as (
    select
        rules.rule,
        case when rules.is_mapped then 'mapped' else 'not mapped' end as outcome,
        coalesce(counted.lines, 0) as lines,
        rules.meaning,
    from rules
    left join counted
        on rules.rule = counted.rule
)

select * from final
order by outcome, lines desc, rule;


-- Facts about the mapped lines. They overlap, so they don't add up to anything.
create or replace table mapping_notes as

with

mapped as (
    select source_lines.*
    from source_lines
    inner join rules
        on source_lines.rule = rules.rule
    where rules.is_mapped
),

repeats as (
    select count(*) - 1 as extra
    from mapped
    group by
        invoice, stock_code_as_written, description, quantity, invoiced_at, price, customer_id,
        country
),

noted as (
    select
        count(*) filter (where customer_id is null) as without_customer,
        count(*) filter (where stock_code_as_written <> stock_code) as upper_cased,
        count(*) filter (where description is null) as without_description,
        count(*) filter (where not is_listed_country) as other_country,
        (select coalesce(sum(repeats.extra), 0) from repeats) as repeated,
    from mapped
),

final as (
    select
        listed.note,
        listed.lines,
    from noted
    cross join lateral (
        values
        ('without a customer', noted.without_customer),
        ('stock code put in upper case', noted.upper_cased),
        ('exact repeats within an invoice, kept', noted.repeated),
        ('without a description', noted.without_description),
        ('country not in countries.csv, in rest_of_world', noted.other_country)
    ) as listed (note, lines)
)

select * from final;


-- Nothing is dropped in silence: the rules add up to the lines read.
with

totals as (
    select
        (select count(*) from read_parquet(getvariable('source_path'))) as lines_read,
        (select sum(lines) from mapping_counts) as lines_ruled,
        (select sum(lines) from mapping_counts where outcome = 'mapped') as lines_mapped,
        (select count(*) from transactions) as lines_written,
)

select
    case
        when lines_read <> lines_ruled or lines_mapped <> lines_written
            then error('the counts by rule do not add up to the lines read')
    end as checked,
from totals;
