"""Training of assessor and score: plain rows in, plain numbers out. `python -m grader.training` runs it all."""
