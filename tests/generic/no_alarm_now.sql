{# Fails where the newest checks of a model have an alarm of a severity. #}
{% test no_alarm_now(model, severity_value) %}
select *
from {{ model }}
where
    severity = '{{ severity_value }}'
    and as_of = (select max(as_of) from {{ model }})
{% endtest %}
