"""The winner's answers for the unlabelled images, as a Kaggle submission."""

import csv
import io

from assay.report.choice import best_seed, ranked
from assay.report.results import Results


def submission(results: Results) -> str:
    """`ImageId,Label`, the id counting from 1 in file order; only the header where none is due."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ImageId", "Label"])
    for variant in ranked(results)[:1]:
        outcomes = best_seed(results.by_variant[variant]).outcomes
        rows = outcomes[outcomes["split"] == "unlabelled"].sort_values("image")
        classes = results.data["classes"]
        labels = [classes[answer] for answer in rows["prediction"]]
        writer.writerows(zip(rows["image"] + 1, labels, strict=True))
    return text.getvalue()
