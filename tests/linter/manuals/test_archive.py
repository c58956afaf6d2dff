"""Archives of strangers: bounded, never unpacked, and what leaves its folder is refused."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from linter.errors import ManualError
from linter.manuals import archive
from linter.manuals.archive import open_sdist


def tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as out:
        for member in members:
            out.addfile(member, io.BytesIO(b"x" * member.size) if member.isreg() else None)
    return path


def member(name: str, size: int = 3, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    one = tarfile.TarInfo(name)
    one.size, one.type, one.linkname = size if kind == tarfile.REGTYPE else 0, kind, to
    return one


def test_links_and_devices_are_passed_by_and_files_are_read(tmp_path: Path) -> None:
    path = tar(
        tmp_path / "a.tar.gz",
        member("a/docs/x.rst"),
        member("a/docs/link.rst", kind=tarfile.SYMTYPE, to="/etc/passwd"),
        member("a/docs/hard.rst", kind=tarfile.LNKTYPE, to="a/docs/x.rst"),
        member("a/docs/pipe.rst", kind=tarfile.FIFOTYPE),
    )
    assert open_sdist(path, lambda name: True).texts == {"docs/x.rst": "xxx"}


@pytest.mark.parametrize("name", ["/etc/x", "a/../../x", "..\\x", "C:/x", "\\\\host\\x"])
def test_a_path_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManualError, match="leave its folder"):
        open_sdist(tar(tmp_path / "a.tar.gz", member(name)), lambda name: True)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr(name, "x")
    with pytest.raises(ManualError, match="leave its folder"):
        open_sdist(tmp_path / "a.zip", lambda name: True)


def test_numbers_and_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tar(tmp_path / "a.tar.gz", *(member(f"a/{n}") for n in range(5)))
    for name, value, said in (("_MAX_MEMBERS", 4, "more than 4 members"), ("_MAX_TOTAL", 10, "unpacks to"), ("_MAX_ARCHIVE", 10, "larger")):
        with monkeypatch.context() as patched, pytest.raises(ManualError, match=said):
            patched.setattr(archive, name, value)
            open_sdist(path, lambda name: True)
    monkeypatch.setattr(archive, "_MAX_FILE", 2)
    assert open_sdist(path, lambda name: True).texts == {}


def test_a_header_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    """A pax header is read whole by tarfile; its size is the archive's word alone."""
    forged = tarfile.TarInfo("a/pax")
    forged.size, forged.type = 7 << 30, tarfile.XHDTYPE
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(forged.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096))
    with pytest.raises(ManualError, match="cannot be read"):
        open_sdist(path, lambda name: True)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08\x00broken", gzip.compress(b"y" * 2000)])
@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip", "a.tar.xz", "a.tar.bz2", "a.rar"])
def test_damage_is_one_clear_error(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ManualError):
        open_sdist(tmp_path / name, lambda n: True)
    with pytest.raises(ManualError, match="no such file"):
        open_sdist(tmp_path / "none.tar.gz", lambda n: True)
