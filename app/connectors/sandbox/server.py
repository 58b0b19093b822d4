"""Start the vendor sandbox: `python -m app.connectors.sandbox.server --port P --state FILE --token T`.

Reads its arguments and runs until it is told to stop; the vendor itself is in `vendor/`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from app.connectors.sandbox.vendor.dial import Dial
from app.connectors.sandbox.vendor.service import Service
from app.connectors.sandbox.vendor.store import Store
from app.connectors.sandbox.vendor.wire import VendorServer


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. Prints one line with its address when it is ready."""
    options = _options(arguments)
    store = Store(options.state)
    service = Service(store, is_strict=options.strict, delivery_seconds=options.delivery_seconds)
    address = (options.host, options.port)
    try:
        server = VendorServer(address, service, Dial(store), options.token, options.control_token)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {error.strerror}\n")
        return 1

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    host, port = server.server_address[:2]
    sys.stdout.write(f"vendor sandbox listening on http://{host}:{port}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    store.close()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.connectors.sandbox.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="the file that keeps everything")
    parser.add_argument(
        "--token",
        default=os.environ.get("SANDBOX_TOKEN", ""),
        help="the API's bearer token; better given as SANDBOX_TOKEN, which other users cannot see",
    )
    parser.add_argument(
        "--control-token",
        default=os.environ.get("SANDBOX_CONTROL_TOKEN", ""),
        help="for /_control and the page; none given: they stay shut",
    )
    parser.add_argument("--delivery-seconds", type=float, default=2.0, help="from order to active")
    parser.add_argument("--strict", action="store_true", help="sell listed products only")
    options = parser.parse_args(arguments)
    if not options.token:
        parser.error("a token is needed: --token or SANDBOX_TOKEN")
    return options


if __name__ == "__main__":
    sys.exit(main())
