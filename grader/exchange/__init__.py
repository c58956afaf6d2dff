"""Questions and marked answers as files of other programs, and back: CSV, JSON lines, Moodle XML, GIFT, QTI 3.

Import from the modules: `formats` reads and writes by name; `rows` says what a read row is and makes questions of them.
A reader never stops at a wrong row: it says what is wrong with each, so that a file is mended in one go.
"""
