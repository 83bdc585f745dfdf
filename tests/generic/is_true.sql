{# Fails for every row where the condition is false or null. #}
{% test is_true(model, condition) %}
    select *
    from {{ model }}
    where not coalesce({{ condition }}, false)
{% endtest %}
