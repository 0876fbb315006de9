"""`kill -9` of the real stage, three times."""

import runpy


def test_a_killed_training_ends_in_the_same_bytes():
    script = runpy.run_path("benchmarks/kills.py")
    found = script["trials"](3, seed=1)
    assert [trial.same for trial in found] == [True] * 3
    assert any(trial.at != "from the start" for trial in found)
    page = script["page"](found, "Imaginary CPU")
    assert "on a CPU (Imaginary CPU): 3 of 3" in page
    assert page.count("| yes |") == 3
