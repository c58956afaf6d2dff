"""Small source distributions of a package that does not exist, and an encoder of words."""

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

PAGES = {
    "docs/index.rst": "Kettle\n======\n\nWelcome to the documentation of Kettle.\n",
    "docs/heating.rst": "Heating\n=======\n\nBoiling\n-------\n\nThe kettle boils water at ninety degrees by default.\n\nMAX_WATER\n---------\n\n"
    ".. data:: LID\n\nThe lid is closed while the water is boiling.\n",
    "docs/api.rst": "API\n===\n\n.. module:: kettle\n\n.. autoclass:: Kettle\n   :members:\n   :inherited-members:\n",
    "docs/guide.md": "# Guide\n\nPour the tea slowly into a warm cup.\n\n```python\nprint('no sentence at all here, only code')\n```\n",
    "docs/changes.rst": "Changes\n=======\n\nVersion 2.0\n-----------\n\n-   The kettle once boiled at eighty degrees.\n",
    "src/kettle/__init__.py": 'from cups import Cup\n\nclass Base:\n    def pour(self):\n        """Pours what is in it until nothing is left."""\n\n'
    'class Kettle(Base, Cup):\n    """Boils water for as many cups as fit in."""\n\n    #: The metal that the kettle is made of.\n    metal = "iron"\n',
    "setup.py": "raise SystemExit('build code ran')\n",
}


class WordEncoder:
    """A vector counts words, hashed into 64 places: texts with the same words are near."""

    name, checksum, dimensions = "words", "words-1", 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


def info(version: str) -> str:
    return f"Metadata-Version: 2.1\nName: Kettle\nVersion: {version}\nProject-URL: Documentation, https://kettle.example/\n"


@pytest.fixture
def sdist(tmp_path: Path) -> Callable[..., Path]:
    """Makes kettle-VERSION.tar.gz with the pages above, changed by those given (None leaves one out)."""

    def make(version: str = "2.0", **changed: str | None) -> Path:
        path = tmp_path / f"kettle-{version}.tar.gz"
        files = {"PKG-INFO": info(version), **PAGES, **changed}
        with tarfile.open(path, "w:gz") as tar:
            for name, text in files.items():
                if text is not None:
                    member = tarfile.TarInfo(f"kettle-{version}/{name}")
                    member.size = len(text.encode())
                    tar.addfile(member, io.BytesIO(text.encode()))
        return path

    return make
