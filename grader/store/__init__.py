"""What is kept: SQLite (WAL) by default, PostgreSQL by URL. The only importer of SQLAlchemy; import `Store` from `grader.store.store`."""
