"""The service layer: interviews, answers, scorecards, accounts. Faces parse, call one method here, and render.

Import from the modules: `records` and `errors` (what goes in and out), `service` (`Interviews`), `reports` (`Reports`),
`marks` (`Marks`: calibration), `bank` (`Bank`: questions, import and export), `accounts` (`Accounts`), `services` (`Services`: all of them).
"""
