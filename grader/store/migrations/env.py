"""Alembic's entry: runs the migrations on the connection that `grader.store.engine.migrate` hands over."""

from alembic import context

from grader.store.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True)
context.run_migrations()
