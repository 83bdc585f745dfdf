"""The dashboard: pages for people, made of the tables of the warehouse.

It reads what the other packages made and nothing depends on it. The pages are in `pages`, one file
each; the reader of `warehouse.readers` never keeps a build waiting.
"""
