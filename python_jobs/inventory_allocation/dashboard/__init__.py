"""The dashboard: pages for people, made of the tables of the warehouse.

It reads what the other packages made and nothing depends on it. The pages are in `views`, one file
each (Streamlit would run files of a folder `pages` as scripts of their own); the reader of
`warehouse.readers` never keeps a build waiting.
"""
