"""The gateway as a user runs it, a process of its own, configured for the canned venue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import BenchmarkError, child, free_port, wait_ready

_CONFIGURATION = """\
include classpath("crypto-connectors.conf")

fix {{
  acceptor {{ port = {fix_port}, storePath = "{directory}/fix" }}
  sessions = [
    {{
      senderCompId = "FIXGATE", targetCompId = "OMS"
      defaultConnector = "BINANCEPM", pendingReports = false
    }}
  ]
}}
http {{ port = {http_port} }}
{process}
journal {{ path = "{directory}/journal.db" }}
connectors {{
  BINANCEPM: ${{template.connector.crypto.binancepm}} {{
    settings {{
      restUrl = "http://127.0.0.1:{venue_port}"
      websocketUrl = "ws://127.0.0.1:{stream_port}/pm"
      spotUrl = "http://127.0.0.1:{venue_port}"
      futureUrl = "http://127.0.0.1:{venue_port}"
      deliveryUrl = "http://127.0.0.1:{venue_port}"
      requestWeightLimit = 1000000000
      staleWebsocketTimeout = 1 hour
      apiKeys: [ {{ apiKey = "BENCH", apiSecret = "BENCH-SECRET" }} ]
    }}
  }}
}}
"""


@contextmanager
def gateway(
    command: Sequence[str], directory: Path, venue_port: int, stream_port: int, cpu: int | None = None
) -> Iterator[int]:
    """Run the gateway by `command` plus the path of a configuration; yield its FIX port once it is ready.

    `cpu` is the setting `process.cpu`.

    Raises `BenchmarkError` when the command is missing or the gateway does not become ready.
    """
    if not Path(command[0]).is_file():
        raise BenchmarkError(f"there is no {command[0]}; run `make setup`")
    directory = directory / ("gateway" if cpu is None else f"gateway-{cpu}")
    directory.mkdir()
    fix_port, http_port = free_port(), free_port()
    configuration = directory / "bench.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            fix_port=fix_port,
            http_port=http_port,
            venue_port=venue_port,
            stream_port=stream_port,
            directory=directory,
            process="" if cpu is None else f"process {{ cpu = {cpu} }}",
        ),
        encoding="utf-8",
    )
    log = directory / "gateway.log"
    with child([*command, str(configuration)], log, quiet=True) as process:
        wait_ready(process, f"http://127.0.0.1:{http_port}/ready", log)
        yield fix_port
