"""Laws of the perceptual hash."""

import imagehash
import numpy as np
from PIL import Image, ImageEnhance

from assay.data.perceptual import SIDE, phashes, thumbnail


def picture(seed, side=200):
    """Large blots, as photographs have."""
    blots = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    return Image.fromarray(blots).resize((side, side + 40), Image.Resampling.BICUBIC)


def bits(*images):
    return phashes(np.stack([thumbnail(np.asarray(image)) for image in images]))


def distance(one, other):
    return int(np.bitwise_count(one ^ other))


def test_the_hash_is_imagehashs_of_the_same_thumbnail():
    pictures = [picture(seed) for seed in range(20)]
    small = [Image.fromarray(thumbnail(np.asarray(one))) for one in pictures]
    assert [f"{value:016x}" for value in bits(*pictures)] == [
        str(imagehash.phash(s)) for s in small
    ]


def test_other_brightness_size_and_compression_change_few_bits_and_other_pictures_many():
    one = picture(0)
    brighter = ImageEnhance.Brightness(one).enhance(1.1)
    smaller = one.resize((100, 120))
    first, *changed = bits(one, brighter, smaller)
    assert max(distance(first, other) for other in changed) <= 4
    assert min(distance(first, other) for other in bits(*map(picture, range(1, 30)))) > 12


def test_an_image_has_the_same_hash_alone_and_among_others():
    pictures = [picture(seed) for seed in range(5)]
    assert [int(bits(one)[0]) for one in pictures] == bits(*pictures).tolist()


def test_a_small_image_has_no_thumbnail():
    assert thumbnail(np.asarray(picture(0, side=63))) is None
    assert thumbnail(np.asarray(picture(0, side=64))).shape == (SIDE, SIDE)
    assert thumbnail(np.asarray(picture(0, side=64).convert("L"))[:, :, None]) is not None


def test_what_is_neither_grey_nor_rgb_has_no_thumbnail():
    assert thumbnail(np.zeros((64, 64, 4), np.uint8)) is None


def test_blank_pictures_have_no_hash_for_all_of_them_would_look_alike():
    noise = np.random.default_rng(0).normal(0, 3, (200, 200, 3))
    for grey in (0, 128, 255):
        blank = np.full((200, 200, 3), grey, np.uint8)
        assert thumbnail(blank) is None
        assert thumbnail((blank + noise).clip(0, 255).astype(np.uint8)) is None
    assert thumbnail(np.asarray(picture(0).point(lambda value: value // 8))) is not None
