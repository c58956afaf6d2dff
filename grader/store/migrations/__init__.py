"""Alembic's folder: one file a revision, run by `grader.store.engine.migrate`."""
