"""Where a server of a test may listen."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of this machine at which nobody listens now, of UDP and TCP alike."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
