"""Signals wait for the end of a step."""

import signal

import pytest

from assay.training.interrupt import SIGNALS, Interruption


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_noted_and_then_ctrl_c_interrupts(number):
    with Interruption(alone=True) as interruption:
        assert not interruption.wanted
        signal.raise_signal(number)
        assert interruption.wanted
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_one_of_several_processes_may_be_told_twice():
    with Interruption(alone=False) as interruption:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert interruption.wanted


def test_afterwards_signals_do_what_they_did():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption(alone=True):
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
