"""The report on a plan that a manager reads: one file, HTML or PDF, from the same content."""
