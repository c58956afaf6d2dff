"""`python -m corpus.meaning.export`: make both models ready now rather than at the first text."""

from __future__ import annotations

import sys

from corpus.errors import CorpusError
from corpus.meaning.export import ensure_model, ensure_stance
from corpus.settings import load_settings

if __name__ == "__main__":
    try:
        settings = load_settings()
        folders = ensure_model(settings), ensure_stance(settings)
    except CorpusError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"The models are ready in {folders[0]} and {folders[1].name} beside it.", file=sys.stderr)
