"""A real server in a thread, for the proofs that talk to one: Werkzeug's, or any of the standard library's kind."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def serve(app: Flask, ssl_context: ssl.SSLContext | str | None = None, *, threaded: bool = True) -> Iterator[int]:
    """The free port of 127.0.0.1 at which the app is served until the block ends, over TLS if there is a context."""
    server = make_server("127.0.0.1", 0, app, threaded=threaded, ssl_context=ssl_context)
    with running(server):
        yield server.server_port


@contextmanager
def running(server: BaseServer) -> Iterator[None]:
    """The server in a thread of its own until the block ends; then it is closed."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
