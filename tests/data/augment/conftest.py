"""Images and generators for the laws of augmentation."""

import pytest
import torch

from assay.data.augment.draw import Draw


@pytest.fixture
def seeded():
    """A generator of a seed: `seeded()` is always the same one anew."""
    return lambda seed=0: torch.Generator().manual_seed(seed)


@pytest.fixture
def draw(seeded):
    """What draws for `n` images: `draw(n, seed)`."""
    return lambda n, seed=0: Draw(n, seeded(seed), torch.device("cpu"))


@pytest.fixture
def images(seeded):
    """Random images in [0, 1]: `images(n, c, h, w)`."""
    return lambda *shape: torch.rand(shape, generator=seeded(1))


@pytest.fixture
def pixels(seeded):
    """Random bytes n c h w whose memory is channels-last, as a batch is served."""

    def make(n, c, h, w):
        last = torch.randint(1, 256, (n, h, w, c), generator=seeded(1), dtype=torch.uint8)
        return last.permute(0, 3, 1, 2)

    return make
