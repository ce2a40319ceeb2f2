"""The platform under test, as scripts see it: `make up`, `run.json`, the folder of mails."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx


class Stack:
    def __init__(self, root: Path, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self._root = root
        self.data = data
        self._clients: list[httpx.Client] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # The journeys come from one address and one user; limits have tests of their own.
        limits = {"RESUMAX_RATE_LIMITS": "off"}
        self._env = {
            **os.environ,
            **limits,
            **(settings or {}),
            "RESUMAX_DATA": str(data),
            "PORT": str(port),
            "DETACH": "1",
        }

    def up(self) -> None:
        self._make("up")

    def down(self) -> None:
        for client in self._clients:
            client.close()
        self._make("down")

    def new_staff_password(self) -> str:
        """A new password of the first staff account, which has no second factor then."""
        return re.search(r"shown this once\): (\S+)", self._make("seed", RESET="1"))[1]  # type: ignore[index]

    def _make(self, target: str, **env: str) -> str:
        done = subprocess.run(
            ["make", target],
            cwd=self._root,
            env=self._env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, f"make {target} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @property
    def run(self) -> dict[str, Any]:
        """`run.json` as it is now: process ids change when something is restarted."""
        return dict(json.loads((self.data / "run.json").read_text()))

    def client(self) -> httpx.Client:
        """A client of the gateway; it is closed when the stack goes down."""
        client = httpx.Client(base_url=self.run["gateway"], timeout=15, trust_env=False)
        self._clients.append(client)
        return client

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> int:
        """Send `sign` to a process of the stack; its pid."""
        pid = int(self.run["pids"][name])
        os.kill(pid, sign)
        return pid

    def wait_restarted(self, name: str, old_pid: int, *, within: float = 20.0) -> None:
        """Until `name` runs again under another pid, and is ready if it is a service."""
        service = self.run["services"].get(name)
        eventually(
            lambda: (
                self.run["pids"].get(name) not in {None, old_pid} and (service is None or _is_ready(service))
            ),
            within=within,
        )

    def mails(self, to: str) -> list[EmailMessage]:
        """What has been mailed to an address, oldest first."""
        found = []
        for path in sorted((self.data / "mail").glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if to in str(mail["To"]):
                found.append(mail)
        return found

    def logs(self) -> str:
        return "".join(
            path.read_text(errors="replace") for path in sorted((self.data / "logs").glob("*.log"))
        )


def eventually(check: Any, *, within: float = 20.0) -> Any:
    """What `check()` gives once it is true; fails after `within` seconds."""
    end = time.monotonic() + within
    while True:
        seen = check()
        if seen:
            return seen
        assert time.monotonic() < end, f"not within {within} s; last seen: {seen!r}"
        time.sleep(0.05)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
