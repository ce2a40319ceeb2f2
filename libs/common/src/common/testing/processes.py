"""Real NATS and S3 servers as child processes: started on free ports, stopped by their process ids."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from common.testing.ports import free_port

S3_ACCESS_KEY, S3_SECRET_KEY = "test-access", "test-secret"


class Process:
    """A server that can be killed and started again on the same port with the same data."""

    def __init__(
        self, command: list[str], *, ready: Callable[[], bool], env: Mapping[str, str] | None = None
    ) -> None:
        self._command, self._ready, self._env = command, ready, env
        self._child: subprocess.Popen[bytes] | None = None
        self.log = Path(tempfile.mkdtemp(prefix="process-")) / "output.log"

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def start(self, *, within: float = 30.0) -> "Process":
        """Start and wait until it is ready. Raises RuntimeError with its output if that takes too long."""
        self.launch()
        return self.until_ready(within=within)

    def until_ready(self, *, within: float = 30.0) -> "Process":
        """Wait until it is ready. Raises RuntimeError with its output if that takes too long."""
        assert self._child is not None
        end = time.monotonic() + within
        while not self._ready():
            if self._child.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"{self._command[0]} did not start:\n{self.output()[-4000:]}")
            time.sleep(0.02)
        return self

    def launch(self) -> None:
        """Start, and do not wait."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(self._command, stdout=log, stderr=log, env=self._env)

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def wait(self, *, within: float = 60.0) -> int:
        """Wait until it has ended by itself; its exit code."""
        assert self._child is not None
        return self._child.wait(within)

    def stop(self, *, within: float = 30.0) -> int:
        """SIGTERM, and its exit code."""
        if self._child is None:
            return 0
        self._child.terminate()
        try:
            return self._child.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Nats(Process):
    """nats-server with JetStream that fsyncs every write, as the platform runs it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        config = folder / "nats.conf"
        config.write_text(
            f'host: 127.0.0.1\nport: {self.port}\nmax_payload: 4MB\njetstream {{ store_dir: "{folder}/jetstream", '
            "sync_interval: always, max_memory_store: 256MB, max_file_store: 20GB }\n"
        )
        super().__init__([_binary("nats-server"), "-c", str(config)], ready=lambda: accepts(self.port))


class S3(Process):
    """SeaweedFS' S3 gateway with everything behind it in one process."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / "s3.json"
        credentials = [{"accessKey": S3_ACCESS_KEY, "secretKey": S3_SECRET_KEY}]
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        config.write_text(
            json.dumps({"identities": [{"name": "t", "credentials": credentials, "actions": actions}]})
        )
        (folder / "data").mkdir()
        others = {
            f"-{name}": str(free_port())
            for name in (
                "master.port",
                "master.port.grpc",
                "volume.port",
                "volume.port.grpc",
                "filer.port",
                "filer.port.grpc",
                "s3.port.grpc",
            )
        }
        command = [
            _binary("weed"),
            "server",
            f"-dir={folder}/data",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            f"-s3.port={self.port}",
            f"-s3.config={config}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.volumeSizeLimitMB=64",
            "-master.telemetry=false",
            "-volume.max=0",
            *(f"{flag}={port}" for flag, port in others.items()),
        ]
        super().__init__(command, ready=self._is_ready)

    def _is_ready(self) -> bool:
        return accepts(self.port) and can_store(self.url)


def can_store(url: str) -> bool:
    """Whether an object can be put: the gateway listens before there is a volume to write to."""
    from minio import Minio
    from minio.error import MinioException
    from urllib3 import PoolManager
    from urllib3.exceptions import HTTPError

    client = Minio(
        url.removeprefix("http://"),
        access_key=S3_ACCESS_KEY,
        secret_key=S3_SECRET_KEY,
        secure=False,
        region="us-east-1",
        http_client=PoolManager(retries=False, timeout=1),
    )
    try:
        if not client.bucket_exists("resume-exports"):
            client.make_bucket("resume-exports")
        return True
    except (MinioException, HTTPError):
        return False


def _binary(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, f"{name} is not installed"
    return found
