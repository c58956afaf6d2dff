"""Sentences by writers who have not seen the facts."""

from pathlib import Path

import yaml

from linter.checker import FactChecker

DATA = Path(__file__).parent / "data"
CODES = {
    "django-api": {"DJA001"},
    "flask-dynamic": {"FLK001"},
    "wtf-builtin": {"WTF001", "FLK009"},
    "session-server": {"FLK012", "FLK013"},
    "session-data-server": {"FLK012", "FLK013"},
    "thread-safety": {"FLK002"},
}


def rates(checker: FactChecker, name: str) -> tuple[float, float, str]:
    rows = yaml.safe_load((DATA / name).read_text("utf-8"))
    judged = checker.judge([(row["text"], row.get("context", "")) for row in rows])
    hits: dict[bool, list[bool]] = {True: [], False: []}
    wrong = []
    for row, found in zip(rows, judged, strict=True):
        codes = CODES[row["topic"]] if "topic" in row else {row["fact"]}
        hit = any(v.fact.code in codes and v.probability >= checker.decision.threshold for v in found)
        false = row["label"] == "false"
        hits[false].append(hit)
        if hit != false:
            wrong.append(f"{row['label']} {row.get('topic') or row['fact']}: {row['text']}")
    return sum(hits[True]) / len(hits[True]), sum(hits[False]) / len(hits[False]), "\n".join(wrong)


def test_the_six_misconceptions_in_other_words(checker: FactChecker) -> None:
    """Of 60 false sentences at least half are found; of 60 true ones at most a tenth is reported."""
    recall, alarms, wrong = rates(checker, "held_out_six.yaml")
    print(f"six misconceptions, held out: recall {recall:.3f}, false alarms {alarms:.3f}")
    assert recall >= 0.5 and alarms <= 0.1, f"recall {recall:.3f}, false alarms {alarms:.3f}\n{wrong}"


def test_every_fact_in_other_words(checker: FactChecker) -> None:
    """Over all facts at least 45 % of unseen false wordings are found; the figures are printed."""
    recall, alarms, wrong = rates(checker, "held_out_facts.yaml")
    print(f"all facts, held out: recall {recall:.3f}, false alarms {alarms:.3f}")
    assert recall >= 0.45 and alarms <= 0.1, f"recall {recall:.3f}, false alarms {alarms:.3f}\n{wrong}"
