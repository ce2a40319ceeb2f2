"""How many cores this process may really use: what it is bound to, and what its cgroup's quota pays for."""

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def usable(cgroup: Path = _CGROUP) -> int:
    """At least 1. A container on a machine of 64 cores with a quota of 2 would be stopped again and again, the event
    loop with it, if it hashed on all of them."""
    quota = _quota_v2(cgroup) or _quota_v1(cgroup)
    bound = len(os.sched_getaffinity(0))
    return max(1, min(bound, int(quota))) if quota else bound


def _quota_v2(cgroup: Path) -> float | None:
    """`cpu.max`: `max 100000`, or microseconds in each period."""
    words = _read(cgroup / "cpu.max").split()
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0].isdigit() else None


def _quota_v1(cgroup: Path) -> float | None:
    quota, period = (_read(cgroup / "cpu" / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
