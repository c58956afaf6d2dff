"""How a sentence is held against a fact: gate, detectors, cues and the decision that weighs them."""
