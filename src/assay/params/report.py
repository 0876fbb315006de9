"""`report`: what the report says and how sure it wants to be."""

from typing import Annotated

from pydantic import Field

from assay.params.section import Section


class Report(Section):
    """`time_to_accuracy` is the validation accuracy whose first reaching is timed."""

    title: str
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    time_to_accuracy: Annotated[float, Field(gt=0, lt=1)] = 0.95
