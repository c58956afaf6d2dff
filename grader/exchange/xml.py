"""XML of strangers, safely: no entities, no document types, nothing fetched; and XML of our own, without characters that XML has not."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from grader.exchange.rows import unreadable

__all__ = ["Element", "added", "as_bytes", "child_text", "parse"]

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(data: bytes, what: str = "the file") -> Element:
    """The root; ImportRefusedError says where it is broken, or that it holds what no question needs."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise unreadable(f"{what} is no XML: {error}", error.position[0]) from None
    except DefusedXmlException:
        raise unreadable(f"{what} declares a document type or entities; such files are not read") from None
    except (ValueError, LookupError) as error:
        raise unreadable(f"{what} is no XML: {error}") from None
    return root


def as_bytes(root: Element) -> bytes:
    """XML in UTF-8, indented."""
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def added(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new element at the end of `parent`."""
    element = SubElement(parent, name, {key.replace("_", "-"): _clean(value) for key, value in attributes.items()})
    if text is not None:
        element.text = _clean(text)
    return element


def child_text(element: Element, path: str) -> str:
    """The text at a path below, or nothing."""
    found = element.find(path)
    return "".join(found.itertext()).replace("\r\n", "\n") if found is not None else ""


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
