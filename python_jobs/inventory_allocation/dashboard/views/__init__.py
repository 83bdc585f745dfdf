"""The pages of the dashboard, one file each; `app` lists them."""
