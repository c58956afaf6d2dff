"""QTI 3: a package (zip) of items with an extended text interaction, or one item alone. Key points stand in the scorers' rubric block.

Source: 1EdTech, "QTI 3.0 Assessment, Section and Item Information Model". Items with other interactions are refused by row.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.records import Question
from grader.exchange.rows import ID, MAX_ROWS, Row, unreadable
from grader.exchange.xml import Element, added, as_bytes, child_text, parse
from grader.interviews.errors import ImportRefusedError

__all__ = ["read_qti", "write_qti"]

_NS = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_MANIFEST_NS = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same questions, the same bytes
MAX_ITEM, MAX_ALL = 1_048_576, 33_554_432


def read_qti(data: bytes) -> list[Row]:
    """Questions of a package or of one item."""
    rows: list[Row] = []
    for name, content in _items(data):
        number = len(rows) + 1
        try:
            root = parse(content, name)
        except ImportRefusedError as error:
            rows.append(Row(number, error=error.rows[0].reason))
            continue
        rows.append(_row(number, name, root))
    if not rows:
        raise unreadable("the package holds no item")
    return rows


def write_qti(questions: Sequence[Question]) -> bytes:
    """Questions as a package."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        _put(package, "imsmanifest.xml", _manifest(questions))
        for question in questions:
            _put(package, f"items/{question.id}.xml", as_bytes(_item(question)))
    return out.getvalue()


def _items(data: bytes) -> Iterator[tuple[str, bytes]]:
    if not data.startswith(b"PK"):
        yield "the file", data
        return
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        names = [i for i in package.infolist() if i.filename.endswith(".xml") and not i.filename.endswith(("imsmanifest.xml", "/"))]
        if any(i.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for i in names):
            raise unreadable("the package is packed in a way that packages of QTI are not")
        if len(names) > MAX_ROWS:
            raise unreadable(f"a package has at most {MAX_ROWS:,} items; this one has more")
        left = MAX_ALL
        for info in names:
            with package.open(info) as stream:  # the size that stands in the archive may be a lie
                content = stream.read(min(MAX_ITEM, left) + 1)
            if len(content) > min(MAX_ITEM, left):
                raise unreadable(f"{info.filename[:80]} is too large")
            left -= len(content)
            yield info.filename[:80], content
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise unreadable(f"the package cannot be read: {error}") from None


def _row(number: int, name: str, root: Element) -> Row:
    for element in root.iter():  # whatever the prefix: names alone
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else element.tag
    if root.tag != "qti-assessment-item":
        return Row(number, error=f"{name}: an item of QTI 3 begins with <qti-assessment-item>, this one with <{str(root.tag)[:40]}>")
    body = root.find("qti-item-body")
    if body is None:
        return Row(number, error=f"{name}: has no qti-item-body")
    kinds = [e.tag for e in body.iter() if isinstance(e.tag, str) and e.tag.endswith("-interaction")]
    if kinds != ["qti-extended-text-interaction"]:
        return Row(
            number, error=f"{name}: {', '.join(map(str, kinds)) or 'no interaction'}; one qti-extended-text-interaction is a free answer"
        )
    given = root.get("identifier", "")
    fields: dict[str, Any] = {"id": given if ID.fullmatch(given) else "", "question": _question(body)}
    for field in ("topic", "level"):
        fields[field] = body.get(f"data-{field}", "")
    fields["facts"] = tuple(body.get("data-facts", "").split())
    values = root.iterfind("qti-response-declaration/qti-correct-response/qti-value")
    fields["reference_answers"] = [text for value in values if (text := "".join(value.itertext()).strip())]
    try:
        fields["key_points"] = [_point(li) for block in root.iter("qti-rubric-block") if _for_scorers(block) for li in block.iter("li")]
    except ValueError:
        return Row(number, error=f"{name}: a data-weight is no number")
    return Row(number, fields=fields)


def _question(body: Element) -> str:
    """The prompt, and what stands before the interaction."""
    texts = [_paragraph(e) for e in body if e.tag in {"p", "div"} and not any("interaction" in str(x.tag) for x in e.iter())]
    prompt = child_text(body, ".//qti-extended-text-interaction/qti-prompt")
    return "\n".join(text for text in (*texts, prompt.strip()) if text)


def _paragraph(element: Element) -> str:
    return "".join(element.itertext()).replace("\r\n", "\n").strip()


def _for_scorers(block: Element) -> bool:
    return "scorer" in block.get("view", "").split()


def _point(li: Element) -> dict[str, Any]:
    weight = li.get("data-weight")
    return {"id": li.get("data-id", ""), "weight": float(weight) if weight else None, "text": _paragraph(li)}


def _item(question: Question) -> Element:
    item = Element("qti-assessment-item", {"xmlns": _NS, "identifier": question.id, "title": question.id})
    item.set("adaptive", "false")
    item.set("time-dependent", "false")
    many = "multiple" if len(question.reference_answers) > 1 else "single"
    declared = added(item, "qti-response-declaration", identifier="RESPONSE", cardinality=many, base_type="string")
    correct = added(declared, "qti-correct-response")
    for reference in question.reference_answers:
        added(correct, "qti-value", reference)
    added(item, "qti-outcome-declaration", identifier="SCORE", cardinality="single", base_type="float")
    body = added(item, "qti-item-body", data_topic=question.topic, data_level=question.level, data_facts=" ".join(question.facts))
    rubric = added(added(body, "qti-rubric-block", use="scoring", view="scorer"), "qti-content-body")
    points = added(rubric, "ul")
    for point in question.key_points:
        added(points, "li", point.text, data_id=point.id, data_weight=repr(point.weight))
    interaction = added(body, "qti-extended-text-interaction", response_identifier="RESPONSE")
    added(interaction, "qti-prompt", question.question)
    return item


def _manifest(questions: Sequence[Question]) -> bytes:
    manifest = Element("manifest", {"xmlns": _MANIFEST_NS, "identifier": "viva"})
    metadata = added(manifest, "metadata")
    added(metadata, "schema", "QTI Package")
    added(metadata, "schemaversion", "3.0.0")
    added(manifest, "organizations")
    resources = added(manifest, "resources")
    for question in questions:
        href = f"items/{question.id}.xml"
        added(added(resources, "resource", identifier=question.id, type="imsqti_item_xmlv3p0", href=href), "file", href=href)
    return as_bytes(manifest)


def _put(package: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(info, data)
