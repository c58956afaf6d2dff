"""Boosted trees that scikit-learn fitted, as plain numbers: serving imports no scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trees"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """A sum of small regression trees. Leaves point to themselves."""

    baseline: float
    roots: NDArray[np.int64]  # (n_trees,)
    feature: NDArray[np.int64]  # (n_nodes,)
    threshold: Floats  # (n_nodes,)
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats
    depth: int

    def values(self, rows: Floats) -> Floats:
        """(n, n_columns) -> (n,), the sum of the leaves."""
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        at = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            node = np.where(rows[at, self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])
        return np.asarray(self.baseline + np.cumsum(self.value[node], axis=1)[:, -1])

    def probabilities(self, rows: Floats) -> Floats:
        """(n, n_columns) -> (n,) in (0, 1): the values under a logistic link."""
        return np.asarray(1 / (1 + np.exp(-self.values(rows))))

    @classmethod
    def of(cls, record: dict[str, Any]) -> Trees:
        """Read the plain numbers that `record` gives."""
        ints = {k: np.array(record[k], dtype=np.int64) for k in ("roots", "feature", "left", "right")}
        return cls(
            float(record["baseline"]),
            threshold=np.array(record["threshold"], float),
            value=np.array(record["value"], float),
            depth=int(record["depth"]),
            **ints,
        )

    def record(self) -> dict[str, Any]:
        """As plain numbers, for JSON."""
        arrays = {k: getattr(self, k).tolist() for k in ("roots", "feature", "threshold", "left", "right", "value")}
        return {"baseline": round(self.baseline, 6), "depth": self.depth} | arrays

    @classmethod
    def fitted(cls, model: Any) -> Trees:
        """Of a fitted HistGradientBoostingRegressor or binary HistGradientBoostingClassifier of scikit-learn."""
        nodes: list[tuple[int, float, int, int, float]] = []
        roots, depth = [], 0
        for (tree,) in model._predictors:
            first = len(nodes)
            roots.append(first)
            depth = max(depth, int(tree.nodes["depth"].max()))
            for i, node in enumerate(tree.nodes):
                leaf = bool(node["is_leaf"])
                left, right = (first + i, first + i) if leaf else (first + int(node["left"]), first + int(node["right"]))
                threshold = 0.0 if leaf else round(float(node["num_threshold"]), 5)
                value = round(float(node["value"]), 5) if leaf else 0.0
                nodes.append((0 if leaf else int(node["feature_idx"]), threshold, left, right, value))
        columns = dict(zip(("feature", "threshold", "left", "right", "value"), zip(*nodes, strict=True), strict=True))
        return cls.of({"baseline": float(np.ravel(model._baseline_prediction)[0]), "roots": roots, "depth": depth} | columns)
