"""The made-up study of the reports' tests."""

from report.conftest import study

__all__ = ["study"]
