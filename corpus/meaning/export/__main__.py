"""`python -m corpus.meaning.export`: make the model ready now rather than at the first text."""

from __future__ import annotations

import sys

from corpus.errors import CorpusError
from corpus.meaning.export import ensure_model
from corpus.settings import load_settings

if __name__ == "__main__":
    try:
        folder = ensure_model(load_settings())
    except CorpusError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"The model is ready in {folder}.", file=sys.stderr)
