"""`python -m corpus.meaning.export`: make the models ready now rather than at the first text."""

from __future__ import annotations

import sys

from corpus.errors import CorpusError
from corpus.meaning.export import ensure_assessor, ensure_model, ensure_stance
from corpus.settings import load_settings

if __name__ == "__main__":
    try:
        settings = load_settings()
        folders = ensure_model(settings), ensure_stance(settings), ensure_assessor(settings)
    except CorpusError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"The models are ready in {folders[0].parent}: {', '.join(folder.name for folder in folders)}.", file=sys.stderr)
