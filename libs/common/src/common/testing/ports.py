"""Free ports of this machine."""

import socket


def free_port() -> int:
    """A port that nobody listens on; somebody else may take it between this and its use, so use it at once."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
