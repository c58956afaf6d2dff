"""reStructuredText: headings, objects and prose come out; code, tables, comments and marks do not."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.text.rst import PartKind, read_rst, unmarked

PAGE = """\
.. _kettles:

=======
Kettles
=======

A kettle *boils* water; see :class:`~tea.Kettle` and
`the shop <https://example.org>`_ for more::

    kettle.boil("Code never becomes a sentence.")

.. comment lines, and

   what stands below them, stay out.

Kinds
-----

- Iron ones last
  a lifetime.
- Copper ones look well.

====== =====
metal  years
====== =====
iron   80
====== =====

.. setting:: MAX_WATER

``MAX_WATER``
~~~~~~~~~~~~~

Default: ``2`` litres.

.. class:: Kettle(metal)
   :noindex:

   Holds water.

   .. method:: boil(to=100)

      Boils the water.

   .. note::

      Never boil it dry.

.. versionchanged:: 2.0
   The lid closes by itself.

.. admonition:: Scale

   Vinegar helps.

.. autoclass:: Pot
   :members:

>>> kettle.boil()
hot

.. include:: ../CHANGES.rst
"""


def parts(kind: PartKind, text: str = PAGE) -> list[str]:
    return [part.text for part in read_rst(text) if part.kind is kind]


def test_headings_have_depth_and_line() -> None:
    found = [(p.text, p.level, p.line) for p in read_rst(PAGE) if p.kind is PartKind.HEADING]
    assert found == [("Kettles", 1, 4), ("Kinds", 2, 16), ("MAX_WATER", 3, 31)]


def test_prose_is_plain_and_code_tables_and_comments_stay_out() -> None:
    assert parts(PartKind.PROSE) == [
        "A kettle boils water; see tea.Kettle and the shop for more:",
        "Iron ones last a lifetime.",
        "Copper ones look well.",
        "Default: 2 litres.",
        "Holds water.",
        "Boils the water.",
        "Never boil it dry.",
        "The lid closes by itself.",
        "Vinegar helps.",
    ]


def test_objects_labels_boxes_docstrings_and_includes_are_told() -> None:
    assert parts(PartKind.OBJECT) == ["MAX_WATER", "Kettle(metal)", "Kettle.boil(to=100)"]
    assert (parts(PartKind.LABEL), parts(PartKind.BOX), parts(PartKind.INCLUDE)) == (["kettles"], ["Scale"], ["../CHANGES.rst"])
    (auto,) = [p for p in read_rst(PAGE) if p.kind is PartKind.AUTO]
    assert (auto.text, auto.directive, auto.options) == ("Pot", "autoclass", (":members:",))


def test_what_stands_in_an_object_knows_it() -> None:
    inside = {p.text: p.inside for p in read_rst(PAGE) if p.kind is PartKind.PROSE}
    assert inside["Boils the water."] == "boil" and inside["Holds water."] == "Kettle" and inside["Vinegar helps."] == ""


def test_line_ends_do_not_matter() -> None:
    """CRLF and lone CR give the parts and lines that LF gives."""
    assert list(read_rst(PAGE.replace("\n", "\r\n"))) == list(read_rst(PAGE)) == list(read_rst(PAGE.replace("\n", "\r")))


def test_unmarked_shortens_names_of_the_given_packages_alone() -> None:
    assert unmarked(":meth:`~tea.Pot.pour` of :class:`flask.Flask`") == "tea.Pot.pour of Flask"
    assert unmarked(":meth:`~tea.Pot.pour`", ("tea",)) == "pour"


LINES = st.sampled_from([*PAGE.split("\n"), "===", "=== ===", "x::", "   y", "\t.. z::", ".. a:b:: c", ":f: g", "|", "+--+", "é\u00a0😀"])


@given(st.one_of(st.text(max_size=300), st.lists(LINES, max_size=40).map("\n".join)))
def test_no_text_is_too_strange(text: str) -> None:
    """Nothing raises, and every part begins in a line that is there."""
    count = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(1 <= part.line <= count for part in read_rst(text))
