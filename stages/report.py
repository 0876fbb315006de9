"""Compare the runs: the metrics that DVC shows, the submission, and the report for people."""

from pathlib import Path

from assay.entry import one_line
from assay.files import write_json, write_text
from assay.params import experiment as params
from assay.report import results, summary
from assay.report.claims import claims_json
from assay.report.findings import findings
from assay.report.markdown import markdown, pictures
from assay.report.page import alone, html
from assay.report.plots import plots
from assay.report.prune import prune
from assay.report.submission import winners_submission

METRICS, REPORTS = Path("metrics"), Path("reports")


def main() -> None:
    experiment = params.read()
    prune(experiment.runs)
    found = findings(experiment, results.read(experiment.runs))
    write_json(METRICS / "summary.json", summary.summary_json(found.scores))
    write_json(METRICS / "scores.json", summary.scores_json(found.scores))
    compared = summary.comparison_json(found.differences, found.results, found.confidence)
    compared |= {"claims": claims_json(found.claims)}
    write_json(METRICS / "comparison.json", compared)
    write_json(METRICS / "cost.json", found.cost)
    for name, table in plots(found, experiment.plans).items():
        text = table.to_csv(index=False, lineterminator="\n")
        write_text(Path("plots", f"{name}.csv"), text)
    write_text(Path("predictions/winner.csv"), winners_submission(found.results))
    write_text(REPORTS / "report.html", html(experiment, found))
    write_text(REPORTS / "report.md", markdown(experiment, found))
    (REPORTS / "figures").mkdir(exist_ok=True)
    for name, figure in pictures(found).items():
        write_text(REPORTS / "figures" / f"{name}.svg", alone(figure))
    print(f"the report: {REPORTS / 'report.html'}")


if __name__ == "__main__":
    one_line(main)
