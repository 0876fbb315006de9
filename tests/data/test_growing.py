"""Laws of an .npy file that grows."""

import numpy as np
import pytest

from assay.data.growing import GrowingArray


@pytest.mark.parametrize("cuts", [[], [1], [3, 3], [1, 2, 6]])
def test_blocks_come_back_as_their_concatenation(tmp_path, pixels, cuts):
    whole = pixels(7, 2, 3, 4)
    with GrowingArray(tmp_path / "a.npy") as array:
        for block in np.split(whole, cuts):
            array.append(block)
    assert np.array_equal(np.load(tmp_path / "a.npy", mmap_mode="r"), whole)
    assert array.rows == 7


def test_the_bytes_do_not_depend_on_the_blocks_and_are_numpys_own(tmp_path, pixels):
    whole = pixels(9, 1, 2, 2)
    np.save(tmp_path / "numpy.npy", whole)
    for name, blocks in {"one": [whole], "many": np.split(whole, 9)}.items():
        with GrowingArray(tmp_path / name) as array:
            for block in blocks:
                array.append(block)
        assert (tmp_path / name).read_bytes() == (tmp_path / "numpy.npy").read_bytes()


def test_the_header_has_room_for_any_number_of_rows(tmp_path):
    with GrowingArray(tmp_path / "a.npy") as array:
        for rows in (1, 10**15):
            array.append(np.empty((rows, 0), np.uint8))  # rows without a byte
    assert np.load(tmp_path / "a.npy").shape == (10**15 + 1, 0)


def test_a_block_of_another_memory_order_is_written_row_by_row(tmp_path, pixels):
    block = pixels(4, 3, 5, 6).transpose(0, 1, 3, 2)
    with GrowingArray(tmp_path / "a.npy") as array:
        array.append(block)
    assert np.array_equal(np.load(tmp_path / "a.npy"), block)


@pytest.mark.parametrize("other", [np.zeros((1, 3), np.uint8), np.zeros((1, 2), np.int64)])
def test_a_block_of_another_shape_or_type_is_refused(tmp_path, other):
    with GrowingArray(tmp_path / "a.npy") as array:
        array.append(np.zeros((1, 2), np.uint8))
        with pytest.raises(ValueError, match="wanted"):
            array.append(other)


def test_no_rows_are_an_array_of_no_rows(tmp_path):
    with GrowingArray(tmp_path / "a.npy") as array:
        array.append(np.zeros((0, 1, 2, 2), np.uint8))
    assert np.load(tmp_path / "a.npy").shape == (0, 1, 2, 2)
