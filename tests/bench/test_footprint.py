import json
import signal
import time
from datetime import datetime

import psutil

from tests.e2e.stack import Stack

SERVICES = ("sso", "api", "account", "admin", "processor")


def test_five_idle_services_fit_in_900_mb(stack: Stack) -> None:
    """With the processes that they start: what those share is counted once (PSS)."""
    time.sleep(5)
    sizes = {name: _size(stack.run["pids"][name]) for name in SERVICES}
    total = sum(sizes.values())
    print(
        f"\nidle memory: {total:.0f} MB = " + ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
    )
    assert total <= 900


def _size(pid: int) -> float:
    service = psutil.Process(pid)
    return sum(one.memory_full_info().pss for one in [service, *service.children(recursive=True)]) / 2**20


def test_each_service_starts_in_three_seconds(stack: Stack) -> None:
    took = {name: _start_seconds(stack, name) for name in SERVICES}
    print("\nstart, one after the other: " + ", ".join(f"{name} {s:.1f} s" for name, s in took.items()))
    assert max(took.values()) <= 3


def _start_seconds(stack: Stack, name: str) -> float:
    """Restart a service: from the creation of its process to its log line `started`."""
    stack.wait_restarted(name, stack.kill(name, signal.SIGTERM))
    lines = (stack.data / "logs" / f"{name}.log").read_text().splitlines()
    started = next(json.loads(line) for line in reversed(lines) if '"event":"started"' in line)
    created = psutil.Process(stack.run["pids"][name]).create_time()
    return datetime.fromisoformat(started["time"]).timestamp() - float(created)
