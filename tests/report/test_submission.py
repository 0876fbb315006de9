"""The submission: the winner's answers, in file order, whatever the classes are called."""

import csv
import io

from assay.report.choice import best_seed, ranked
from assay.report.submission import winners_submission

NASTY = ['a,b "c"', "<script>alert(1)</script>", "🦋\nline two", "x" * 200, "plain"]


def test_every_unlabelled_image_has_one_answer_in_file_order_and_ids_count_from_1(study):
    _, found = study.write()
    rows = list(csv.DictReader(io.StringIO(winners_submission(found))))
    assert [row["ImageId"] for row in rows] == [str(i + 1) for i in range(30)]


def test_answers_are_those_of_the_winners_best_seed_and_survive_a_csv_reader(study):
    study.classes = NASTY
    _, found = study.write()
    outcomes = best_seed(found.by_variant[ranked(found)[0]]).outcomes
    wanted = outcomes[outcomes["split"] == "unlabelled"].sort_values("image")["prediction"]
    rows = csv.DictReader(io.StringIO(winners_submission(found), newline=""))
    assert [row["Label"] for row in rows] == [NASTY[answer] for answer in wanted]


def test_without_unlabelled_images_only_the_header_is_written(study):
    study.sizes["unlabelled"] = 0
    _, found = study.write()
    assert winners_submission(found) == "ImageId,Label\n"
