"""Stands in for the gateway in the benchmark's own tests: ready at once, and an echo instead of an engine.

Called as a gateway is, with the path of a configuration last.
"""

import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from benchmarks import echo_acceptor


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()


def port(section: str, text: str) -> int:
    found = re.search(rf"{section} {{[^}}]*?port = (\d+)", text)
    assert found is not None, text
    return int(found[1])


if __name__ == "__main__":
    configuration = Path(sys.argv[-1])
    given = configuration.read_text(encoding="utf-8")
    server = HTTPServer(("127.0.0.1", port("http", given)), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    echo_acceptor.main(configuration.parent / "fix", port("acceptor", given))
