"""Laws of spreading work over processes."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from assay.data.parallel import over_cores
from assay.fault import Fault


def double(number):
    return 2 * number


def refuse_three(number):
    if number == 3:
        raise Fault("three")
    return number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_order_each_with_its_piece():
    assert list(over_cores(double, range(100))) == [(n, 2 * n) for n in range(100)]


def test_a_fault_comes_where_its_piece_was_and_ends_everything():
    done = []
    with pytest.raises(Fault, match="three"):
        done.extend(piece for piece, _ in over_cores(refuse_three, range(1000)))
    assert done == [0, 1, 2]
    assert not psutil.Process().children()


def test_pieces_are_taken_when_they_are_needed_and_not_all_at_once():
    taken = 0

    def pieces():
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    assert next(over_cores(double, pieces())) == (0, 0)
    assert taken < 100


def test_of_large_pieces_only_few_are_in_hand():
    taken = 0

    def pieces():
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    assert next(over_cores(double, pieces(), weight=lambda number: 2**28)) == (0, 0)
    assert taken == 2


def test_a_process_that_is_killed_ends_in_a_line():
    with pytest.raises(Fault, match="a process that reads images was killed"):
        list(over_cores(die, range(3)))


STARTS = """
import time
from assay.data.parallel import over_cores
for _ in over_cores(time.sleep, [0, 600]): print("begun", flush=True)
"""


def test_no_process_outlives_the_one_that_started_it():
    words = [sys.executable, "-c", STARTS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        time.sleep(0.5)
        children = []
        while not children:
            children = psutil.Process(parent.pid).children()
        parent.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
