"""Jobs: read from the warehouse, call the science, write back."""
