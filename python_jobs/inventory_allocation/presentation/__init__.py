"""What the dashboard and the report share: tables of the plan for people, and words for codes."""
