"""Questions in from a file and out to one: all of a file or none of it, with every wrong row named."""

from __future__ import annotations

import base64
import binascii

from nicegui.events import GenericEventArguments

from grader.interviews.bank import FORMATS, Format
from grader.interviews.errors import ImportRefusedError
from grader.web.parts import button, el, link, select, text
from grader.web.visit import Visit

__all__ = ["exchange_dialog"]

NAMES: dict[Format, str] = {"csv": "CSV", "jsonl": "JSON lines", "moodle": "Moodle XML", "gift": "GIFT", "qti": "QTI 3 (zip)"}
MAX_BYTES = 700_000  # what one message of the page may hold; larger files go through the API or the command line
_READ = """async () => {
  const file = document.getElementById('import-file').files[0];
  if (!file) return window.vivaToast('Choose a file first.');
  if (file.size > %d) return window.vivaToast('This file is too large for the page; POST it to /v1/bank/import.');
  const letters = Array.from(new Uint8Array(await file.arrayBuffer()), (byte) => String.fromCharCode(byte));
  emit(document.getElementById('import-format').value, btoa(letters.join('')));
}"""


def exchange_dialog(visit: Visit) -> None:
    """The button and what it opens."""
    button("Import, export", None, "plain", data_opens="exchange")
    with el("dialog", id="exchange", aria_labelledby="exchange-title"):
        text("h2", "Questions in and out", id="exchange-title")
        with el("div", "stack"):
            text("h3", "Export all questions as")
            with el("div", "row"):
                for format_ in FORMATS:
                    link(NAMES[format_], f"/v1/bank/export?format={format_}", "button plain slim", download=True)
            if visit.writes:
                _Import(visit)
        with el("div", "actions"):
            button("Close", None, "plain", data_closes="")


class _Import:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        text("h3", "Import")
        with el("div", "field"):
            text("label", "File", for_="import-file")
            el("input", type="file", id="import-file", accept=".csv,.jsonl,.xml,.txt,.gift,.zip")
        select("Format", "import-format", list(NAMES.items()), "csv")
        with el("div"):
            button("Import", None).on("click", self._heard, js_handler=_READ % MAX_BYTES)
        self.out = el("div", "stack", role="status")

    async def _heard(self, event: GenericEventArguments) -> None:
        @self.visit.safely
        async def take(chosen: str, body: str) -> None:
            format_: Format = next((known for known in FORMATS if known == chosen), "csv")
            try:
                data = base64.b64decode(body, validate=True)
            except binascii.Error:
                data = b""
            try:
                found = await self.visit.do(self.visit.services.bank.import_questions, data, format_)
            except ImportRefusedError as error:
                self._refused(error)
                return
            self.out.clear()
            with self.out, el("div", "note good"):
                text("strong", "Taken.")
                text("p", f"{len(found.added)} new, {len(found.changed)} changed, {len(found.unchanged)} as they were.")

        await take(str(event.args[0]), str(event.args[1]))

    def _refused(self, error: ImportRefusedError) -> None:
        self.out.clear()
        with self.out, el("div", "note bad"):
            text("strong", f"Nothing was taken: {len(error.rows)} {'row is' if len(error.rows) == 1 else 'rows are'} wrong.")
            with el("ul"):
                for row in error.rows[:50]:
                    text("li", str(row))
