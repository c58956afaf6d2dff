"""The rules that stand on indexed manuals (MAN), as records; what applies them is in `linter.manuals`."""

from __future__ import annotations

from linter.rule import RuleInfo

__all__ = ["MANUAL_RULES", "MOVED", "OTHERWISE"]

MOVED = RuleInfo(
    code="MAN001",
    name="moved-source",
    severity="warning",
    summary="The source of a fact leads to a page and a section that the manual of that version has; `linter manuals check` looks them up.",
    why="Manuals are rewritten: pages move, sections get other names, and a citation that was right points nowhere.",
    wrong=("{title: Quickstart, section: Session storage, url: https://flask.palletsprojects.com/en/stable/quickstart/#session-storage}",),
    right=("{title: Quickstart, section: Sessions, url: https://flask.palletsprojects.com/en/stable/quickstart/#sessions}",),
    sources=(),
)
OTHERWISE = RuleInfo(
    code="MAN002",
    name="manual-says-otherwise",
    severity="info",
    summary="A claim that no fact speaks against agrees with the passages of the manual next to it.",
    why=(
        "Facts cover what people often get wrong, manuals the rest. A model compares the claim with the nearest passages of the packages it "
        "names and is mistaken far more often than a fact, so this is a hint for somebody who reads both, given when asked for."
    ),
    wrong=("Werkzeug's reloader watches the network for changed modules.",),
    right=("Werkzeug's reloader restarts the process when a module changes.",),
    sources=(),
)
MANUAL_RULES = (MOVED, OTHERWISE)
