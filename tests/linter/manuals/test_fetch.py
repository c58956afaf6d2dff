"""The package index, here a small server: both forms of its page, hashes, and refusals that say what to do."""

import hashlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.version import Version

from linter.errors import ManualError
from linter.manuals import fetch, obtain
from linter.manuals.fetch import IndexSettings, index_settings

V2 = Version("2.0")


class Index:
    """What the server gives, and what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""

    def offer(self, path: Path, *, form: str = "json", digest: str | None = None, name: str = "") -> None:
        data, name = path.read_bytes(), name or path.name
        digest = hashlib.sha256(data).hexdigest() if digest is None else digest
        self.files[f"/files/{name}"] = "application/octet-stream", data
        if form == "json":
            rows = [{"filename": "kettle-2.0-py3-none-any.whl", "url": "../x.whl", "hashes": {}}]
            rows.append({"filename": name, "url": f"/files/{name}", "hashes": {"sha256": digest} if digest else {}})
            self.files["/simple/kettle/"] = "application/vnd.pypi.simple.v1+json", json.dumps({"files": rows}).encode()
        else:
            page = f'<a href="../../files/odd.txt">odd</a><a href="../../files/{name}#sha256={digest}">{name}</a>'
            self.files["/simple/kettle/"] = "text/html; charset=utf-8", page.encode()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    monkeypatch.setenv("no_proxy", "*")
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append((self.path, self.headers.get("Authorization")))
            kind, data = index.files.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index.url = f"http://127.0.0.1:{server.server_port}/simple"
        yield index
        server.shutdown()


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_source_distribution_of_the_release_is_fetched_and_read(served: Index, sdist: Callable[..., Path], form: str) -> None:
    """Both forms of the page do; names are canonical; no code of the package runs (its setup.py would exit)."""
    served.offer(sdist(), form=form)
    assert obtain("Kettle==2", IndexSettings((served.url,))).label == "kettle 2.0"
    assert [path for path, _ in served.asked] == ["/simple/kettle/", "/files/kettle-2.0.tar.gz"]


def test_the_next_index_is_asked_where_the_first_has_nothing(served: Index, sdist: Callable[..., Path]) -> None:
    served.offer(sdist())
    assert obtain("kettle==2.0", IndexSettings((served.url + "/none", served.url))).version == V2


def test_name_and_password_go_to_their_host_and_into_no_message(served: Index, sdist: Callable[..., Path]) -> None:
    served.offer(sdist())
    url = served.url.replace("//", "//me:p%40ss@")
    obtain("kettle==2.0", IndexSettings((url,)))
    assert served.asked[0][1] == "Basic bWU6cEBzcw==" and served.asked[1][1] is None
    with pytest.raises(ManualError) as caught:
        obtain("kettle==9.0", IndexSettings((url,)))
    assert "me" not in str(caught.value).split("127.0.0.1")[0].split() and "ss@" not in str(caught.value)


@pytest.mark.parametrize(("digest", "said"), [("0" * 64, "has not the sha256"), ("", "gives no SHA-2 hash")])
def test_what_the_index_does_not_vouch_for_is_refused(
    served: Index, sdist: Callable[..., Path], tmp_path: Path, digest: str, said: str
) -> None:
    served.offer(sdist(), digest=digest)
    folder = tmp_path / "into"
    folder.mkdir()
    with pytest.raises(ManualError, match=said):
        fetch.fetch_sdist("kettle", V2, folder, IndexSettings((served.url,)))
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ((), "no index that is an http"),
        (("URL/nothing",), "answers 404"),
        (("http://127.0.0.1:1",), "cannot be read"),
        (("URL",), "no source distribution"),
    ],
)
def test_what_cannot_be_had_is_told_with_the_way_out(served: Index, sdist: Callable[..., Path], urls: tuple[str, ...], said: str) -> None:
    served.offer(sdist("3.0"))
    with pytest.raises(ManualError, match=said) as caught:
        obtain("kettle==2.0", IndexSettings(tuple(url.replace("URL", served.url) for url in urls)))
    assert "source distribution" in str(caught.value)


def test_another_package_under_the_name_is_not_kept(served: Index, sdist: Callable[..., Path]) -> None:
    served.offer(sdist("2.1"), name="kettle-2.0.tar.gz")
    with pytest.raises(ManualError, match=r"gave kettle 2\.1 instead"):
        obtain("kettle==2.0", IndexSettings((served.url,)))


def test_too_long_a_file_is_refused(served: Index, sdist: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    served.offer(sdist())
    monkeypatch.setattr(fetch, "_MAX_FILE", 10)
    with pytest.raises(ManualError, match="larger than"):
        obtain("kettle==2.0", IndexSettings((served.url,)))


def test_a_path_is_read_without_any_index(sdist: Callable[..., Path]) -> None:
    assert obtain(str(sdist()), IndexSettings(())).label == "kettle 2.0"
    with pytest.raises(ManualError, match="no such file"):
        obtain("none-1.0.tar.gz", IndexSettings(()))


def test_addresses_and_certificates_are_those_of_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = (
        "global.index-url='https://one.example/simple/'\nglobal.extra-index-url='file:///x https://two.example'\n"
        ":env:.cert='/certs.pem'\nglobal.cert='/other.pem'\nfreeze.timeout='10'\nnonsense\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, printed, ""))
    assert index_settings() == IndexSettings(("https://one.example/simple", "https://two.example"), "/certs.pem")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 1, "", "no pip"))
    assert index_settings() == IndexSettings()
