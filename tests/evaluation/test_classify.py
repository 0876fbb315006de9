"""Laws of a saved network applied to images."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from evaluation.conftest import META, MODEL, TRAIN

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed
from assay.evaluation.classify import Classifier
from assay.evaluation.predict import logits, losses_and_hits
from assay.evaluation.views import views
from assay.fault import Fault
from assay.models import build
from assay.models.saved import save
from assay.params.evaluate import Tta
from assay.params.model import Model
from assay.params.preprocess import Normalisation


def images(n):
    random = np.random.default_rng(n)
    pixels = random.integers(0, 256, (n, 8, 8, 1), dtype=np.uint8)
    return Packed(pixels, random.integers(0, 3, n), pd.DataFrame(), META)


def test_probabilities_are_the_softmax_of_the_normalised_images_logits(network, folder):
    packed = images(7)
    found = Classifier(folder, "last", 7).probabilities(packed)
    with torch.inference_mode():
        given = (torch.from_numpy(packed.images).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.25
        expected = torch.softmax(network(given), 1)
    torch.testing.assert_close(torch.from_numpy(found), expected)
    assert found.sum(1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", get_args(Normalisation))
def test_images_are_normalised_as_the_plan_says(kind, tmp_path):
    meta = META | {"shape": [3, 8, 8], "mean": [0.3, 0.5, 0.6], "deviation": [0.2, 0.25, 0.3]}
    network = build(Model(**MODEL), [3, 8, 8], 3, torch.Generator().manual_seed(0)).eval()
    plan = {"model": MODEL, "train": TRAIN | {"precision": "fp32"}, "augment": {}}
    config = {"plan": plan | {"normalise": kind}, "seed": 0, "last_epoch": 7, "best_epoch": 2}
    save(network, network.state_dict(), config, meta, tmp_path / "model")
    pixels = np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3), dtype=np.uint8)
    packed = Packed(pixels, np.zeros(7, np.int64), pd.DataFrame(), meta)
    found = Classifier(tmp_path / "model", "last", 7).probabilities(packed)
    given = Normaliser(kind, meta, torch.device("cpu"))(
        torch.from_numpy(pixels).permute(0, 3, 1, 2)
    )
    with torch.inference_mode():
        torch.testing.assert_close(torch.from_numpy(found), torch.softmax(network(given), 1))


def test_the_size_of_a_batch_does_not_change_the_answers(folder):
    packed = images(7)
    whole = Classifier(folder, "last", 100).probabilities(packed)
    parts = Classifier(folder, "last", 3).probabilities(packed)
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-6)


def test_the_same_images_get_the_same_answers_to_the_bit(folder):
    """Augmentation is for training alone."""
    first, again = (Classifier(folder, "last", 4).probabilities(images(7)) for _ in range(2))
    assert (first == again).all()


def test_the_weights_asked_for_are_used_and_their_epoch_told(folder):
    last, best = Classifier(folder, "last", 4), Classifier(folder, "best", 4)
    assert (last.epoch, best.epoch) == (7, 2)
    assert not (last.probabilities(images(3)) == best.probabilities(images(3))).any()


def test_no_images_have_no_answers(folder):
    assert Classifier(folder, "last", 4).probabilities(images(0)).shape == (0, 3)


def test_the_speed_is_that_of_all_images_together(folder):
    classifier = Classifier(folder, "last", 4)
    for n in (3, 5):
        classifier.probabilities(images(n))
    assert classifier.images_per_second * classifier.seconds == pytest.approx(8)


def test_a_network_that_gives_no_numbers_is_refused(network, folder):
    state = network.state_dict()
    state["fc.bias"][1] = torch.nan
    Classifier(folder, "last", 4).probabilities(images(2))
    config = {"plan": Classifier(folder, "last", 4).saved.plan.model_dump(mode="json")}
    save(network, state, config | {"seed": 0, "last_epoch": 7, "best_epoch": 1}, META, folder)
    with pytest.raises(Fault, match="no finite numbers"):
        Classifier(folder, "last", 4).probabilities(images(2))


def plain(pixels):
    return pixels.float() / 255


def test_prediction_leaves_a_network_in_training_mode_as_it_was_but_for_the_mode(network):
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    resident = Batches([images(5)], torch.device("cpu"))
    logits(network, resident, batch_size=2, precision=torch.float32, plain=plain)
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())


def test_losses_and_hits_are_those_of_the_logits_in_file_order(network):
    resident = Batches([images(5)], torch.device("cpu"))
    words = {"batch_size": 2, "precision": torch.float32, "plain": plain}
    scores = logits(network, resident, **words)
    losses, hits = losses_and_hits(network, resident, **words)
    with torch.inference_mode():
        for row, (image, _) in enumerate(resident.ordered(1)):
            alone = network(plain(image))
            torch.testing.assert_close(scores[row : row + 1], alone, rtol=1e-4, atol=1e-5)
    expected = F.cross_entropy(scores, resident.labels, reduction="none")
    torch.testing.assert_close(losses, expected)
    assert hits.equal(scores.argmax(1) == resident.labels)


def test_bf16_answers_are_handed_out_in_fp32(network):
    resident = Batches([images(5)], torch.device("cpu"))
    wide = logits(network, resident, batch_size=5, precision=torch.float32, plain=plain)
    narrow = logits(network, resident, batch_size=5, precision=torch.bfloat16, plain=plain)
    assert narrow.dtype == torch.float32
    assert not narrow.equal(wide)
    # Eight bits through twenty layers: some per cent of the largest logit.
    assert (narrow - wide).abs().max() < 0.1 * wide.abs().max()


def test_weights_that_were_not_kept_are_refused(folder):
    with pytest.raises(Fault, match=r"no weights 'epoch-003'; choose best or last"):
        Classifier(folder, "epoch-003", 4)


def test_what_is_averaged_over_views_is_the_mean_of_what_each_view_is_given(folder):
    packed, classifier = images(7), Classifier(folder, "last", 7)
    pixels, labels, *rest = packed
    mirrored = Packed(np.ascontiguousarray(pixels[:, :, ::-1]), labels, *rest)
    alone, other = map(classifier.probabilities, (packed, mirrored))
    found = classifier.averaged(packed, views(Tta(hflip=True)), alone)
    np.testing.assert_allclose(found, (alone + other) / 2, rtol=1e-6)
    assert np.abs(alone - other).max() > 1e-3
