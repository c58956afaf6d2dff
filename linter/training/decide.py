"""The decision: three regressions over signals, and the thresholds between them; with the figures that go with it.

Log-odds are cross-validated over facts and pages, so that what is reported of a row comes from a decision that has seen neither its fact nor its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from linter.detect.decision import CHEAP, GLANCE, NEIGHBOURS, SIGNALS, Decision, Weights
from linter.training.rows import PageRows

__all__ = ["Own", "Steps", "first_steps", "last_step", "verdict_of"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
WEIGHED = 0.97  # of the false sentences pass a first, wider screen; on what passes it the verdict is fitted
SCREEN_MISSES = 0.01  # of what the verdict finds may be lost to the screen that is shipped, so that the stance model reads few
GLANCE_MISSES = 0.01  # to the glance at the words before it, so that few sentences are encoded
OPEN_MISSES = 0.01  # and to leaving the neighbours of a sentence unread
NEAR_ALARMS, PROSE_ALARMS = 0.055, 0.01  # of true sentences by unseen writers: made to look false, and any that pass a gate
PAGE_ALARMS = 0.017  # of the true sentences of a page
PAGE_WEIGHT = 4.0  # of a row of a page; there are far fewer of them, and they are what the linter reads
_NEVER = 30.0  # log-odds of what the screen kept back


@dataclass(frozen=True)
class Own:
    """Rows of the corpus: their cheap signals (n_rows, n_cheap), and of each whether it is false, its fact, its writer; all of shape (n_rows,).

    `hard` ones were written about their fact, rather than about anything; `beside` tells those that say nothing of how often true prose is flagged.
    """

    cheap: Floats
    false: Bools
    hard: Bools
    facts: npt.NDArray[np.str_]
    writers: npt.NDArray[np.str_]
    beside: Mapping[str, Bools]

    def at(self, places: npt.NDArray[np.int64]) -> Own:
        """The rows at these places."""
        kinds = {kind: rows[places] for kind, rows in self.beside.items()}
        return Own(self.cheap[places], self.false[places], self.hard[places], self.facts[places], self.writers[places], kinds)


@dataclass(frozen=True)
class Steps:
    """Glance and screen, fitted, with the log-odds of every row by fits that have not seen its fact, (n_rows,)."""

    glance: Pipeline
    screen: Pipeline
    glanced: Floats
    screened: Floats
    wide: float  # log-odds of the screen from which the verdict is fitted

    def reading_all(self, verdict: Pipeline) -> Decision:
        """A decision that reads whatever passes the wide screen, with all its neighbours."""
        weights = [_weights(model) for model in (self.glance, self.screen, verdict)]
        return Decision(weights[0], weights[1], weights[2], 0.0, _probability(self.wide), 0.0, 0.5)


def first_steps(own: Own) -> Steps:
    """Fit what needs no stance."""
    at_a_glance = own.cheap[:, _GLANCE]
    glanced, screened = (_held_out(signals, own.false, own.facts) for signals in (at_a_glance, own.cheap))
    wide = float(np.quantile(screened[own.false], 1 - WEIGHED))
    return Steps(_model().fit(at_a_glance, own.false), _model().fit(own.cheap, own.false), glanced, screened, wide)


def verdict_of(signals: Floats, false: Bools) -> Pipeline:
    """The verdict over rows of the corpus alone."""
    return _model().fit(signals, false)


def last_step(
    own: Own, steps: Steps, passed: npt.NDArray[np.int64], signals: Floats, pages: PageRows
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The decision as it is shipped, and its figures.

    Args:
        own: The rows that the stance has not learned from; `steps` holds their log-odds.
        passed: Which of them pass the wide screen.
        signals: All signals of these.
        pages: What a decision that reads all sees in pages.
    """
    rows, held = pages.learned, len(passed)
    stacked = np.vstack([signals, pages.signals[rows]])
    false = np.concatenate([own.false[passed], pages.false[rows]])
    groups = np.concatenate([own.facts[passed], pages.pages[rows]])
    weights = np.where(np.arange(len(false)) < held, 1.0, PAGE_WEIGHT)
    logits = np.full(len(own.false), -_NEVER)
    logits[passed] = _held_out(stacked, false, groups, weights)[:held]
    on_pages = _of_pages(stacked, false, groups, weights, pages)
    verdict = _model().fit(stacked, false, logisticregression__sample_weight=weights)
    threshold = max(_threshold(logits, own), _page_threshold(on_pages, pages))
    found, told = own.false & (logits >= threshold), pages.false & (on_pages >= threshold)
    by_screen = steps.screen.decision_function(pages.signals[:, : len(CHEAP)])
    cut = min(_quantile(steps.screened[found], SCREEN_MISSES), _quantile(by_screen[told], SCREEN_MISSES))
    by_glance = steps.glance.decision_function(pages.signals[:, _GLANCE])
    first = min(_quantile(steps.glanced[found & (steps.screened >= cut)], GLANCE_MISSES), _quantile(by_glance[told], GLANCE_MISSES))
    unread = np.vstack([signals[found[passed]], pages.signals[told]])
    unread[:, NEIGHBOURS] = verdict[0].mean_[NEIGHBOURS]
    decision = {
        "signals": list(SIGNALS),
        "glance": _record(steps.glance),
        "screen": _record(steps.screen),
        "verdict": _record(verdict),
        "glance_threshold": round(_probability(first), 5),
        "screen_threshold": round(_probability(cut), 5),
        "open_threshold": round(_probability(_quantile(verdict.decision_function(unread), OPEN_MISSES)), 5),
        "threshold": round(_probability(threshold), 5),
    }
    figures = _figures(own, steps, logits, threshold, cut, first)
    kept = (on_pages >= threshold) & (by_screen >= cut) & (by_glance >= first)
    recall, alarms = pages.rates(kept)
    figures |= {"pages": len(set(pages.pages)), "page_errors_found": round(recall, 4), "page_sentences_flagged": round(alarms, 4)}
    return decision, figures


def _of_pages(stacked: Floats, false: Bools, groups: npt.NDArray[np.str_], weights: Floats, pages: PageRows) -> Floats:
    """Log-odds of every row of a page, those too that nothing is learned from, by a regression that has not seen the page; (n_rows,)."""
    out = np.empty(len(pages.pages))
    for name in np.unique(pages.pages):
        others, mine = groups != name, pages.pages == name
        fitted = _model().fit(stacked[others], false[others], logisticregression__sample_weight=weights[others])
        out[mine] = fitted.decision_function(pages.signals[mine])
    return out


def _threshold(logits: Floats, own: Own) -> float:
    """Where neither more than `NEAR_ALARMS` of the true sentences made to look false nor `PROSE_ALARMS` of all others are flagged."""
    usual = ~np.logical_or.reduce(list(own.beside.values()))
    near, prose = logits[usual & ~own.false & own.hard], logits[usual & ~own.false & ~own.hard]
    return float(max(np.quantile(near, 1 - NEAR_ALARMS), np.quantile(prose, 1 - PROSE_ALARMS)))


def _page_threshold(logits: Floats, pages: PageRows) -> float:
    """Where no more than `PAGE_ALARMS` of the true sentences of pages are flagged."""
    highest: dict[tuple[str, int], float] = {}
    for logit, told, segment in zip(logits.tolist(), pages.told, pages.segments, strict=True):
        if not told:
            highest[segment] = max(logit, highest.get(segment, -_NEVER))
    allowed = int(PAGE_ALARMS * pages.n_true)
    ranked = sorted(highest.values(), reverse=True)
    return ranked[allowed] + 1e-6 if allowed < len(ranked) else -_NEVER


def _held_out(signals: Floats, labels: Bools, groups: npt.NDArray[np.str_], weights: Floats | None = None) -> Floats:
    """Log-odds of each row by a regression that has not seen its group."""
    given = {} if weights is None else {"logisticregression__sample_weight": weights}
    return np.asarray(
        cross_val_predict(_model(), signals, labels, groups=groups, cv=GroupKFold(8), method="decision_function", params=given)
    )


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))


def _figures(own: Own, steps: Steps, logits: Floats, threshold: float, cut: float, first: float) -> dict[str, Any]:
    """Of sentences that detectors and stance have not seen; what is flagged has passed the glance and the screen as well."""
    labels, hard, encoded = own.false, own.hard, steps.glanced >= first
    passed = encoded & (steps.screened >= cut)
    flagged = passed & (logits >= threshold)
    written, prose = hard | labels, ~labels & ~hard & ~np.logical_or.reduce(list(own.beside.values()))
    strict = float(np.quantile(logits[~labels & hard], 0.99))

    def auc(values: Floats) -> float:
        return round(float(roc_auc_score(labels[written], values[written])), 4)

    return {
        "facts": len(np.unique(own.facts)),
        "sentences": len(labels),
        "auc_own_sentences": auc(logits),
        "auc_without_stance": auc(steps.screened),
        "auc_lexical_alone": auc(own.cheap[:, CHEAP.index("lexical")]),
        "auc_cosine_contrast_alone": auc(own.cheap[:, CHEAP.index("contrast")]),
        "recall_at_threshold": _share(flagged[labels]),
        "false_alarms_near_sentences": _share(flagged[~labels & hard]),
        "false_alarms_background": _share(flagged[prose]),
        **{f"flagged_{kind}": _share(flagged[rows]) for kind, rows in own.beside.items()},
        "encoded_background": _share(encoded[prose]),
        "passed_to_stance_background": _share(passed[prose]),
        "recall_at_1_percent_of_near_sentences": _share(passed[labels] & (logits[labels] >= strict)),
        "recall_by_held_out_writer": {
            writer: _share(flagged[labels & (own.writers == writer)]) for writer in sorted(set(own.writers[labels].tolist()))
        },
    }


def _share(hits: Bools) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0


def _quantile(values: Floats, share: float) -> float:
    """Below which `share` of the values lie; of none, nothing is cut."""
    return float(np.quantile(values, share)) if len(values) else -_NEVER


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _weights(model: Pipeline) -> Weights:
    scaler, regression = model[0], model[-1]
    return Weights(scaler.mean_, scaler.scale_, regression.coef_[0], float(regression.intercept_[0]))


def _record(model: Pipeline) -> dict[str, Any]:
    weights = _weights(model)
    named = {"mean": weights.mean, "scale": weights.scale, "weights": weights.weights}
    return {name: [round(float(v), 5) for v in values] for name, values in named.items()} | {"intercept": round(weights.intercept, 5)}


_GLANCE = [CHEAP.index(name) for name in GLANCE]
