"""Verbs as texts of our field use them: whether a few words claim something or merely name it."""

from __future__ import annotations

__all__ = ["FINITE"]

_HELPERS = frozenset(
    "is are was were be been am has have had do does did can could may might must shall should will would cannot "
    "isnt arent wasnt werent hasnt havent dont doesnt didnt cant couldnt mustnt shouldnt wont wouldnt aint its thats theres youre theyre im".split()
)
_VERBS = """
accept access act add allow append apply ask assign attach authenticate avoid become begin belong bind block break bring build bundle cache call carry
catch cause change check choose clean clear close come compile compute configure connect contain control convert copy cost cover create deal decide
declare decode decorate default define delete deliver demand depend deploy detect disable distinguish drop embed enable encode encrypt end enforce ensure
escape execute exist expect expire explain expose extend fail fetch fill find follow force forget format gather generate get give go guarantee guard handle
happen hash help hide hold identify ignore implement import improve include inherit initialize inject insert install integrate invoke isolate iterate
join keep know lack last leave let lie limit link listen live load lock log look lose make manage map match mean merge modify mount move name need open
optimize order override own owe parse pass perform persist pick place point populate prefer prevent process produce protect prove provide push put raise
reach read receive recommend redirect refer refresh register reject release reload rely remain remember remove render repeat replace represent require
reset resolve respond restart restrict return reuse run save scale see select send separate serialize serve set share show sign skip sort speak specify
split stand start stay stop store stream strike strip suffer suggest support survive switch take tell test throw tie tighten touch track translate travel
treat trigger trust try turn understand update upgrade use validate vanish vary verify wait want warn watch work wrap write yield
"""
_PAST = frozenset(
    "got went knew kept held made sent built found took gave came lost meant ran left began wrote spoke stood told threw thought felt struck".split()
)


def _forms(verb: str) -> set[str]:
    """The verb, its third person and its regular past."""
    if verb.endswith("y") and verb[-2] not in "aeou":
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied"}
    return {verb, f"{verb}s", f"{verb}es", f"{verb}d", f"{verb}ed", f"{verb}{verb[-1]}ed"}


FINITE = _HELPERS | _PAST | {form for verb in _VERBS.split() for form in _forms(verb)}
