"""NATS and SeaweedFS as containers, which `TEST_BACKENDS=containers` asks for: the images that compose.yaml runs.

Tests that kill a server start a process of their own all the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.testing.processes import S3_ACCESS_KEY, S3_SECRET_KEY, can_store

_NATS_CONFIG = Path(__file__).parents[5] / "deploy" / "nats" / "nats.conf"


@dataclass(frozen=True)
class Container:
    url: str


def nats() -> Iterator[Container]:
    files = [(_NATS_CONFIG, "/etc/resumax/nats.conf")]
    command = ["--config", "/etc/resumax/nats.conf", "--store_dir", "/data"]
    with _running("nats:2.15-alpine", command, port=4222, files=files) as address:
        yield Container(f"nats://{address}")


def s3() -> Iterator[Container]:
    keys = {"AWS_ACCESS_KEY_ID": S3_ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY}
    command = [
        "server",
        "-dir=/data",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=0",
        "-s3",
        "-s3.port=8333",
    ]
    with _running("chrislusf/seaweedfs:4.48", command, port=8333, env=keys) as address:
        _wait(lambda: can_store(f"http://{address}"))
        yield Container(f"http://{address}")


@contextmanager
def _running(
    image: str, command: list[str], *, port: int, env: dict[str, str] | None = None,
    files: list[tuple[Path, str]] | None = None,
) -> Iterator[str]:  # fmt: skip
    """`host:port` of a container that listens. Fails the run, in a line, when there is no engine to run it."""
    from testcontainers.core.container import DockerContainer  # costs what most runs need not pay
    from testcontainers.core.wait_strategies import PortWaitStrategy

    try:
        container = DockerContainer(image, env=env, ports=[port]).with_command(command)
    except Exception as error:  # noqa: BLE001 (whatever the client has against the engine)
        pytest.exit(f"TEST_BACKENDS=containers, and no container engine answers: {error}", returncode=2)
    for source, target in files or []:
        container.with_copy_into_container(source, target)
    with container.waiting_for(PortWaitStrategy(port)):
        yield f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


def _wait(is_ready: Callable[[], bool], *, within: float = 30.0) -> None:
    end = time.monotonic() + within
    while not is_ready():
        assert time.monotonic() < end, f"not ready within {within} s"
        time.sleep(0.1)
