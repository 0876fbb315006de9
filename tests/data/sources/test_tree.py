"""Laws of folders and archives, and what is told of the damaged and the hostile."""

import gzip
import io
import os
import random
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from data.sources.conftest import STORAGES, store
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.sources import tree
from assay.fault import Fault

FILES = {
    "b/2.jpg": b"two",
    "a/1.jpg": b"one",
    "a/a, 'b' <c> 🦋 \u00e9.jpg": b"",
    "c d/e/3.png": bytes(range(256)) * 5000,
    "0.txt": b"zero",
}


def contents(opened):
    return dict(opened.stream(opened.files))


def told(path):
    with pytest.raises(Fault) as fault:
        tree.opened(path)
    return str(fault.value)


@pytest.fixture
def tar(tmp_path):
    """A tar archive of given headers, each with its bytes."""

    def tar(*headers):
        path = tmp_path / "t.tar"
        with tarfile.open(path, "w") as archive:
            for name, kind, content in headers:
                header = tarfile.TarInfo(name)
                header.type, header.size, header.linkname = kind, len(content), "a/1.jpg"
                archive.addfile(header, io.BytesIO(content))
        return path

    return tar


@pytest.mark.parametrize("storage", STORAGES)
def test_every_storage_holds_the_files_that_were_put_in(tmp_path, storage):
    opened = tree.opened(store(tmp_path, FILES, storage, top=""))
    assert contents(opened) == FILES
    assert (opened.empty, opened.refused) == ([], {})


LETTERS = some.characters(blacklist_categories=["Cs"], blacklist_characters="\0/\\")
NAMES = some.text(LETTERS, min_size=1, max_size=40)


@settings(max_examples=30)
@given(some.dictionaries(some.tuples(NAMES, NAMES), some.binary(max_size=2000), max_size=5))
def test_a_tree_is_the_same_in_every_storage(files):
    files = {f"in {folder}/of {name}": content for (folder, name), content in files.items()}
    for storage in STORAGES:
        with tempfile.TemporaryDirectory() as folder:
            opened = tree.opened(store(Path(folder), files, storage, top=""))
            assert contents(opened) == files
            assert (opened.empty, opened.refused) == ([], {})


def test_a_tar_whose_first_name_starts_like_a_zip_is_a_tar(tmp_path):
    opened = tree.opened(store(tmp_path, {"PK/1.jpg": b"1"}, "tar", top=""))
    assert contents(opened) == {"PK/1.jpg": b"1"}


@pytest.mark.parametrize("storage", STORAGES)
def test_only_the_files_asked_for_are_handed_out(tmp_path, storage):
    opened = tree.opened(store(tmp_path, FILES, storage, top=""))
    assert dict(opened.stream(["a/1.jpg", "0.txt"])) == {"a/1.jpg": b"one", "0.txt": b"zero"}
    assert list(opened.stream([])) == []


@pytest.mark.parametrize("storage", STORAGES)
def test_folders_without_a_file_are_named_and_hidden_files_are_none(tmp_path, storage):
    files = {
        "full/1.jpg": b"1", "empty/": b"", "hidden/.DS_Store": b"", "deep/er/": b"",
        "thumbs/Thumbs.db": b"", "ini/desktop.ini": b"", ".git/x.jpg": b"", "full/.x/y.jpg": b"",
        "__MACOSX/full/._1.jpg": b"",
    }  # fmt: skip
    opened = tree.opened(store(tmp_path, files, storage, top=""))
    assert contents(opened) == {"full/1.jpg": b"1"}
    assert opened.empty == ["deep/er", "empty", "hidden", "ini", "thumbs"]


def test_a_tar_of_the_current_folder_has_names_below_it(tar):
    opened = tree.opened(tar(("./", tarfile.DIRTYPE, b""), ("./a/1.jpg", tarfile.REGTYPE, b"1")))
    assert contents(opened) == {"a/1.jpg": b"1"}


def test_a_linked_file_is_read_as_dvc_hashes_it_wherever_it_leads(tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"outside")
    root = store(tmp_path, {"a/1.jpg": b"1"})
    (root / "a/2.jpg").symlink_to(outside)
    assert contents(tree.opened(root)) == {"a/1.jpg": b"1", "a/2.jpg": b"outside"}


def test_a_linked_folder_is_refused_since_dvc_passes_it_over(tmp_path):
    root = store(tmp_path, {"a/1.jpg": b"1"})
    (root / "b").symlink_to("a")
    (root / "a" / "round").symlink_to("..")
    opened = tree.opened(root)
    assert contents(opened) == {"a/1.jpg": b"1"}
    assert set(opened.refused) == {"b", "a/round"}
    assert [str(fault) for fault in opened.faults()][1] == (
        f"{root}/b: a link to a folder, which DVC does not hash; "
        "put a copy of the folder in its place"
    )


@pytest.mark.parametrize(("target", "why"), [("1.jpg", "in a circle"), ("gone", "leads nowhere")])
def test_a_link_to_itself_or_to_nothing_is_refused(tmp_path, target, why):
    root = store(tmp_path, {"a/": b""})
    (root / "a/1.jpg").symlink_to(target)
    assert why in tree.opened(root).refused["a/1.jpg"]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    root = store(tmp_path, {})
    os.mkfifo(root / "1.jpg")
    assert "no file" in tree.opened(root).refused["1.jpg"]


def test_a_file_that_goes_after_listing_is_told(tmp_path):
    root = store(tmp_path, {"1.jpg": b""})
    opened = tree.opened(root)
    (root / "1.jpg").unlink()
    ((_, fault),) = opened.stream(["1.jpg"])
    assert str(fault).startswith(f"{root}/1.jpg: no such file, or a link that leads nowhere; put")


@pytest.mark.parametrize(("name", "why"), [
    ("/etc/1.jpg", "an absolute path; "), ("C:/1.jpg", "an absolute path; "),
    ("../1.jpg", "a path out of the archive; "), ("a/../../1.jpg", "a path out of the archive; "),
])  # fmt: skip
@pytest.mark.parametrize("storage", ["tar", "tar.gz", "zip"])
def test_a_member_that_climbs_out_is_refused_by_name(tmp_path, storage, name, why):
    path = store(tmp_path, {"a/1.jpg": b"1", name: b"2"}, storage, top="")
    opened = tree.opened(path)
    assert contents(opened) == {"a/1.jpg": b"1"}
    assert str(opened.faults()[0]).startswith(f"{path}: {name}: {why}")


@pytest.mark.parametrize(("kind", "why"), [
    (tarfile.SYMTYPE, "a link in an archive; "), (tarfile.LNKTYPE, "a link in an archive; "),
    (tarfile.CHRTYPE, "a device or pipe, "), (tarfile.FIFOTYPE, "a device or pipe, "),
])  # fmt: skip
def test_links_and_devices_in_a_tar_are_refused(tar, kind, why):
    opened = tree.opened(tar(("a/1.jpg", tarfile.REGTYPE, b"1"), ("a/2.jpg", kind, b"")))
    assert contents(opened) == {"a/1.jpg": b"1"}
    assert opened.refused["a/2.jpg"].startswith(why)


def test_a_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        entry = zipfile.ZipInfo("1.jpg")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    assert "a link" in tree.opened(tmp_path / "z.zip").refused["1.jpg"]


def test_an_encrypted_member_of_a_zip_is_refused(tmp_path):
    path = store(tmp_path, {"1.jpg": b"1"}, "zip", top="")
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in tree.opened(path).refused["1.jpg"]


def test_a_damaged_member_of_a_zip_is_told_and_the_others_are_read(tmp_path):
    path = store(tmp_path, {"1.jpg": b"1" * 99, "2.jpg": b"2" * 99}, "zip", top="")
    content = bytearray(path.read_bytes())
    content[content.index(b"1.jpg") + 5] ^= 255
    path.write_bytes(content)
    read = contents(tree.opened(path))
    assert read["2.jpg"] == b"2" * 99
    assert "1.jpg: damaged (" in str(read["1.jpg"])


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_told_however_it_was_packed(tmp_path, method):
    noise = random.Random(0).randbytes(999)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", method) as archive:
        archive.writestr("1.jpg", noise)
    content = bytearray((tmp_path / "z.zip").read_bytes())
    for place in range(50, 400):
        content[place] ^= 255
    (tmp_path / "z.zip").write_bytes(content)
    read = contents(tree.opened(tmp_path / "z.zip"))
    assert "1.jpg: damaged (" in str(read["1.jpg"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("storage", ["tar", "zip"])
def test_of_two_members_with_one_name_the_second_is_refused(tmp_path, storage):
    path = store(tmp_path, {"a/1.jpg": b"1", "a//1.jpg": b"2"}, storage, top="")
    opened = tree.opened(path)
    assert contents(opened) == {"a/1.jpg": b"1"}
    assert "stands twice" in opened.refused["a//1.jpg"]


def test_a_member_larger_than_any_image_is_refused(tmp_path):
    header = tarfile.TarInfo("1.jpg")
    header.size = 2**28 + 1
    with (tmp_path / "t.tar").open("wb") as file:
        file.write(header.tobuf())
        file.seek(header.size + 512 - header.size % 512, os.SEEK_CUR)
        file.write(bytes(10240))
    assert "over the 268,435,456 allowed" in tree.opened(tmp_path / "t.tar").refused["1.jpg"]


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
@pytest.mark.parametrize("size", [-1, -512, -(2**40), 2**62])
def test_a_header_with_an_impossible_size_ends_the_reading(tmp_path, kind, size):
    header = tarfile.TarInfo("1.jpg")
    header.type, header.size = kind, size
    good = tarfile.TarInfo("0.jpg").tobuf()
    (tmp_path / "t.tar").write_bytes(good + header.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    assert "not a whole tar archive (" in told(tmp_path / "t.tar")


def test_a_later_header_cannot_send_the_reading_backwards(tmp_path):
    path = tmp_path / "t.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("0.jpg"))
        header = tarfile.TarInfo("1.jpg")
        header.pax_headers = {"size": "-4096"}
        archive.addfile(header)
    assert "impossible size" in told(path)


@pytest.mark.parametrize("storage", ["tar", "tar.gz", "tar.xz", "zip"])
@pytest.mark.parametrize("keep", [0, 5, 300, 512, 0.3, 0.6, 0.9])
def test_an_archive_cut_off_anywhere_is_told(tmp_path, storage, keep):
    noise = {f"{i}.jpg": os.urandom(3000) for i in range(40)}
    path = store(tmp_path, noise, storage, top="")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep if keep > 1 else keep * len(whole))])
    line = told(path)
    assert line.startswith(f"{path}: not a whole ")
    assert line.endswith("; copy or download it again")


def test_a_tar_cut_between_two_members_is_told(tmp_path):
    path = store(tmp_path, {"1.jpg": b"1", "2.jpg": b"2"}, "tar", top="")
    path.write_bytes(path.read_bytes()[:1024])
    assert "not a whole tar archive (" in told(path)


def test_a_damaged_header_does_not_end_a_tar_in_silence(tmp_path):
    path = store(tmp_path, {"1.jpg": b"1", "2.jpg": b"2"}, "tar", top="")
    content = bytearray(path.read_bytes())
    content[1024 + 150] ^= 1  # the second header's checksum
    path.write_bytes(content)
    assert "not a whole tar archive (" in told(path)


def test_a_wrong_checksum_of_a_compressed_archive_is_told(tmp_path):
    path = store(tmp_path, {"1.jpg": os.urandom(99)}, "tar.gz")
    content = bytearray(path.read_bytes())
    content[-6] ^= 255
    path.write_bytes(content)
    assert "not a whole tar archive (CRC" in told(path)


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.zip", "x.tar.bz2"])
@pytest.mark.parametrize(
    "content", [b"", b"7z\xbc\xaf'\x1c" * 200, gzip.compress(b"text", mtime=0)]
)
def test_a_foreign_file_named_as_an_archive_is_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert told(tmp_path / name).startswith(f"{tmp_path / name}: not a whole ")


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b"\n <html>"])
@pytest.mark.parametrize("name", ["x.tar.gz", "x.zip"])
def test_a_web_page_named_as_an_archive_is_told(tmp_path, name, start):
    (tmp_path / name).write_bytes(start + b" Sign in" * 1000)
    assert told(tmp_path / name).startswith(f"{tmp_path / name}: a web page, and no archive; ")


def test_a_file_of_another_kind_and_nothing_at_all_are_told(tmp_path):
    (tmp_path / "x.7z").write_bytes(b"7z")
    assert "neither a folder nor an archive; .tar, .tar.gz" in told(tmp_path / "x.7z")
    assert "no such folder or archive; " in told(tmp_path / "y")


def test_a_name_that_is_not_utf_8_is_refused_in_words_that_can_be_printed(tmp_path):
    root = store(tmp_path, {})
    with open(os.fsencode(root) + b"/\xff.jpg", "wb"):  # noqa: PTH123
        pass
    ((name, why),) = tree.opened(root).refused.items()
    assert (name, why) == (r"\udcff.jpg", "its name is not UTF-8; rename it")


def test_names_that_windows_wrote_into_a_zip_have_slashes(tmp_path):
    path = store(tmp_path, {"a\\1.jpg": b"1"}, "zip", top="")
    assert contents(tree.opened(path)) == {"a/1.jpg": b"1"}
