"""Assay: which network recipe to train, how much better it really is, and what it costs."""
