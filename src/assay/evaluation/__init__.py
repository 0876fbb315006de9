"""Evaluation: scores, their uncertainty, and costs."""
