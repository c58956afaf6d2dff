"""Training of the score: plain rows in, plain numbers out. `python -m grader.training` runs it all."""

from __future__ import annotations

from grader.training.score import Example, fit_scoring, held_out_marks, signals_of, write_model

__all__ = ["Example", "fit_scoring", "held_out_marks", "signals_of", "write_model"]
