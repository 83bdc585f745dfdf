"""The models: a file each, and a line in `registry`."""
