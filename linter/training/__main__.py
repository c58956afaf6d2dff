"""`python -m linter.training`: refit the linter's detectors from the corpus."""

from __future__ import annotations

import json
import sys

from corpus import load_corpus, load_encoder, load_settings
from linter.training.fit import train

if __name__ == "__main__":
    report = train(load_corpus(), load_encoder(load_settings()))
    sys.stdout.write(json.dumps(report.figures, indent=1) + "\n")
