"""Commands of the command line, a file for each group of them; cli.py brings them together."""
