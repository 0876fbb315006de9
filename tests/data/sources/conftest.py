"""Trees of files as folder, tar, compressed tar and zip, and what a source makes of them."""

import io
import tarfile
import zipfile

import pytest

from assay.data.sources import SOURCES
from assay.fault import Fault
from assay.params.data import Data

STORAGES = ["folder", "tar", "tar.gz", "tar.xz", "zip"]


def store(tmp_path, files, storage="folder", top="top/"):
    """Write files (a name that ends with `/` is an empty folder); the path of their root."""
    if storage == "folder":
        root = tmp_path / "root"
        for name, content in files.items():
            path = root / name
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_bytes(content)
        root.mkdir(exist_ok=True)
        return root
    path = tmp_path / f"root.{storage}"
    if storage == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(top + name, content)
        return path
    with tarfile.open(path, f"w:{storage.partition('.')[2]}") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(top + name)
            header.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return path


@pytest.fixture
def found():
    """Read a source: what it found, in the order of places; every Fault among it is raised."""

    def found(**data):
        everything = list(SOURCES[data["format"]](Data(**data)).images)
        for fault in everything:
            if isinstance(fault, Fault):
                raise fault
        return sorted(everything, key=lambda image: image.place)

    return found


@pytest.fixture
def faults():
    """Read a source that skips: the lines told, and the names that were found nonetheless."""

    def faults(**data):
        reading = SOURCES[data["format"]](Data(**data))
        everything = list(reading.images)
        assert reading.total in {None, len(everything)}
        told = [str(fault) for fault in everything if isinstance(fault, Fault)]
        assert all("\n" not in line and "; " in line for line in told)
        return told, [image.name for image in everything if not isinstance(image, Fault)]

    return faults


@pytest.fixture
def refused():
    """The line that a source is refused with as a whole, before any image."""

    def refused(**data):
        with pytest.raises(Fault) as fault:
            SOURCES[data["format"]](Data(**data))
        line = str(fault.value)
        assert "\n" not in line
        assert "; " in line
        return line

    return refused
