"""Compare the runs: the metrics that DVC shows, the submission, and the report for people."""

from pathlib import Path

from assay.entry import one_line
from assay.files import write_text
from assay.params import experiment as params
from assay.report import results
from assay.report.findings import findings, write, written
from assay.report.markdown import markdown, pictures
from assay.report.page import alone, html
from assay.report.plots import plots
from assay.report.prune import prune
from assay.report.submission import winners_submission

REPORTS = Path("reports")


def main() -> None:
    experiment = params.read()
    prune(experiment.runs)
    runs = results.read(experiment.runs)
    write(findings(experiment, runs), Path("metrics"))
    found = written(experiment, runs)
    for name, table in plots(found, experiment.plans).items():
        text = table.to_csv(index=False, lineterminator="\n")
        write_text(Path("plots", f"{name}.csv"), text)
    write_text(Path("predictions/winner.csv"), winners_submission(runs))
    write_text(REPORTS / "report.html", html(experiment, found))
    write_text(REPORTS / "report.md", markdown(experiment, found))
    (REPORTS / "figures").mkdir(exist_ok=True)
    for name, figure in pictures(experiment, found).items():
        write_text(REPORTS / "figures" / f"{name}.svg", alone(figure))
    print(f"the report: {REPORTS / 'report.html'}")


if __name__ == "__main__":
    one_line(main)
