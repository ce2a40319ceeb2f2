"""Ports: each component's own when it is free, the next free one when it is not, never one of another stack's."""

import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local.data import StackError

# Setting → port. The gateway's is the only one that does not move: people type it.
DEFAULTS = {
    "SSO_PORT": 8001,
    "API_PORT": 8002,
    "ACCOUNT_PORT": 8003,
    "ADMIN_PORT": 8004,
    "PROCESSOR_PORT": 8005,
    "DESK_PORT": 8009,
    "NATS_PORT": 4222,
    "SMTP_PORT": 1025,
    "S3_PORT": 8333,
    # SeaweedFS talks to itself on these
    "S3_GRPC_PORT": 18331,
    "S3_MASTER_PORT": 18332,
    "S3_MASTER_GRPC_PORT": 18333,
    "S3_VOLUME_PORT": 18334,
    "S3_VOLUME_GRPC_PORT": 18335,
    "S3_FILER_PORT": 18336,
    "S3_FILER_GRPC_PORT": 18337,
    "S3_WORKER_PORT": 18338,
    "S3_WORKER_GRPC_PORT": 18339,
}
GATEWAY_DEFAULT = 8080


class Ports:
    """The ports of one stack. A lock file for each keeps a stack that starts at the same moment off them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"resumax-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._held: set[int] = set()

    def gateway(self, asked: str) -> int:
        """The gateway's port: `asked`, or the default when nothing was asked for. Raises when it is taken."""
        text = asked or str(GATEWAY_DEFAULT)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise StackError(f"PORT={text} is not a port; use a number from 1 to 65535.")
        port = int(text)
        try:
            if self._claim(port):
                return port
        except PermissionError:
            raise StackError(
                f"Port {port} needs more rights than you have; choose one above 1023: PORT=8090"
            ) from None
        other = (
            next(p for p in range(port + 10, 65536, 10) if _is_free(p)) if port < 65000 else GATEWAY_DEFAULT
        )
        raise StackError(f"Port {port} is taken by another program. Choose another one: make up PORT={other}")

    def others(self, environ: Mapping[str, str]) -> dict[str, int]:
        """Setting → port for everything else, from `environ` or the defaults, moved where taken."""
        return {name: self._claim_or_move(_wanted(name, environ)) for name in DEFAULTS}

    def _claim_or_move(self, port: int) -> int:
        # in steps of ten, which keeps a moved stack's ports in their order and below the ports the system hands out
        for candidate in range(port, min(port + 2000, 65536), 10):
            if self._claim(candidate):
                return candidate
        raise StackError(f"No free port near {port}; name one in the environment.")

    def _claim(self, port: int) -> bool:
        if port in self._held:
            return False
        descriptor = os.open(self._folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = _is_free(port)
        except BlockingIOError:
            free = False
        if free:
            self._held.add(
                port
            )  # and the descriptor stays open, with its lock, for as long as the process lives
        else:
            os.close(descriptor)
        return free


def _wanted(name: str, environ: Mapping[str, str]) -> int:
    text = environ.get(name, "")
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else DEFAULTS[name]


def _is_free(port: int) -> bool:
    """Whether nobody listens on `port`, on IPv6 either: `localhost` may mean ::1 to a browser."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except PermissionError:
            raise
        except OSError as error:
            if family == socket.AF_INET or error.errno not in _NO_IPV6:
                return False
    return True


_NO_IPV6 = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
