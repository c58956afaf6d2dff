"""The pages: a face. It parses what a browser sends, calls the service layer, and renders. Import `mount_pages` from `grader.web.mount`.

Only the composition root imports it, late: importing NiceGUI takes most of a second.
"""
