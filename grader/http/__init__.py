"""The HTTP face: parses, calls the grader, renders. Import `create_app` from `grader.http.api`."""
