"""Compare the runs: the metrics that DVC shows, the submission, and the report for people."""

from pathlib import Path

from assay.entry import one_line
from assay.files import write_json, write_text
from assay.params import experiment as params
from assay.report import results, summary
from assay.report.findings import findings
from assay.report.markdown import markdown
from assay.report.page import html
from assay.report.prune import prune
from assay.report.submission import winners_submission

METRICS, REPORTS = Path("metrics"), Path("reports")


def main() -> None:
    experiment = params.read()
    prune(experiment.runs)
    found = findings(
        results.read(experiment.runs),
        confidence=experiment.report.confidence,
        time_to_accuracy=experiment.report.time_to_accuracy,
    )
    write_json(METRICS / "summary.json", summary.summary_json(found.scores))
    write_json(METRICS / "scores.json", summary.scores_json(found.scores))
    compared = summary.comparison_json(found.differences, found.results, found.confidence)
    write_json(METRICS / "comparison.json", compared)
    write_json(METRICS / "cost.json", found.cost)
    write_text(Path("predictions/winner.csv"), winners_submission(found.results))
    write_text(REPORTS / "report.html", html(experiment, found))
    write_text(REPORTS / "report.md", markdown(experiment, found))
    print(f"the report: {REPORTS / 'report.html'}")


if __name__ == "__main__":
    one_line(main)
