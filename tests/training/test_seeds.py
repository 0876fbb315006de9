"""Laws of the random streams."""

import itertools

import torch

from assay.training.seeds import number, stream


def draw(*words):
    return torch.rand(4, generator=stream(*words)).tolist()


def test_a_stream_depends_on_seed_purpose_and_epoch_alone():
    everything = list(itertools.product([0, 1, 2**32 - 1], ["order", "augment"], [0, 1, 11]))
    before = [draw(*words) for words in everything]
    torch.manual_seed(9)
    assert [draw(*words) for words in everything] == before
    assert len({tuple(numbers) for numbers in before}) == len(everything)


def test_words_that_look_alike_when_joined_are_told_apart():
    assert number(1, "order", 11) != number(11, "order", 1)
    assert number(1, "1 order") != number(1, "order", 1)


def test_the_number_of_a_stream_is_a_seed_that_torch_takes():
    for seed in range(200):
        assert 0 <= number(seed, "order") < 2**63
