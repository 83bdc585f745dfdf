"""What the adapters share that run Python models in the dbt process."""
