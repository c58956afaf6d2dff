"""The local index: kept, found again, and damage is told with the way out."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.version import Version

from linter.errors import ManualError
from linter.manuals import ManualIndex, nearest, read_manual
from linter.manuals.adding import parse_release

V2 = Version("2.0")


def test_what_is_added_is_listed_found_and_removed(sdist: Callable[..., Path], encoder, tmp_path: Path) -> None:
    index, manual = ManualIndex(tmp_path / "cache"), read_manual(sdist())
    assert index.names() == [] and index.remove("kettle") == []
    index.add(manual, encoder)
    index.add(read_manual(sdist("2.1.3")), encoder)
    assert [(name, str(version)) for name, version, size in index.names() if size > 100] == [("kettle", "2.0"), ("kettle", "2.1.3")]
    assert index.load("Kettle", V2).manual == manual
    assert [str(index.resolve("kettle", Version(v))) for v in ("2", "2.1", "2.0", "3")] == ["2.0", "2.1.3", "2.0", "3"]
    assert index.remove("kettle", V2) == [V2] and index.remove("kettle") == [Version("2.1.3")]
    assert list((tmp_path / "cache" / "manuals").iterdir()) == []


def test_the_nearest_passage(sdist: Callable[..., Path], encoder, tmp_path: Path) -> None:
    index = ManualIndex(tmp_path)
    assert nearest("Water boils.", "kettle", index, None) is None  # type: ignore[arg-type]  # no index: no model is asked
    index.add(read_manual(sdist()), encoder)
    found = nearest("By default the kettle boils at ninety degrees.", "kettle", index, encoder)
    assert found is not None and found.near.passage.section == "Boiling" and 0.8 < found.near.cosine <= 1
    assert nearest("Unrelated words entirely.", "kettle", index, encoder) is None


def test_damage_and_another_model_are_told(sdist: Callable[..., Path], encoder, tmp_path: Path) -> None:
    index = ManualIndex(tmp_path)
    with pytest.raises(ManualError, match=r"not indexed .indexed: none"):
        index.load("kettle", V2)
    file = index.add(read_manual(sdist()), encoder)
    other = type(encoder)()
    other.checksum = "words-2"
    with pytest.raises(ManualError, match="another model"):
        nearest("Water.", "kettle", index, other)
    file.with_suffix(".npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(ManualError, match="vectors are damaged"):
        nearest("Water.", "kettle", index, encoder)
    text = file.read_text()
    for broken in ("", text[: len(text) // 2], text.rsplit("\n", 2)[0] + "\n", text.replace('"format": 1', '"format": 0'), "[]\n"):
        file.write_text(broken)
        with pytest.raises(ManualError, match="damaged"):
            index.load("kettle", V2)


@pytest.mark.parametrize("text", ["kettle", "kettle==", "kettle==new", "==2", "../kettle==2", "kettle>=2", "a b==2"])
def test_a_release_is_name_and_version(text: str) -> None:
    assert parse_release("My_Kettle == 2.0") == ("my-kettle", V2)
    with pytest.raises(ManualError, match="is no release"):
        parse_release(text)


def test_records_are_frozen(sdist: Callable[..., Path]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_manual(sdist()).name = "other"  # type: ignore[misc]
