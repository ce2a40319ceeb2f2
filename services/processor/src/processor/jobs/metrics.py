"""What Prometheus is told of jobs: what this process does, and what the queue holds, from whichever process leads."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from processor.jobs.lists import Depth

OUTCOMES = Counter("jobs_handled", "Jobs by what became of them", ["kind", "outcome"])
DURATION = Histogram("job_seconds", "Seconds one attempt of a job took", ["kind"])
_WAITING = Gauge("jobs_waiting", "Jobs that wait for a worker", ["kind", "priority"])
_OLDEST = Gauge("jobs_oldest_waiting_seconds", "How long the oldest of them has waited", ["kind", "priority"])
_RUNNING = Gauge("jobs_running", "Jobs that are being done", ["kind"])
_LATER = Gauge("jobs_later", "Jobs that are scheduled or wait for their next attempt", ["kind"])
_DEAD = Gauge("jobs_dead", "Jobs that were given up and can be replayed", ["kind"])


def show(depths: Iterable[Depth]) -> None:
    forget()
    for depth in depths:
        if depth.place == "waiting":
            _WAITING.labels(depth.kind, depth.priority).set(depth.count)
            _OLDEST.labels(depth.kind, depth.priority).set(depth.oldest or 0.0)
        else:
            gauge = {"running": _RUNNING, "later": _LATER, "dead": _DEAD}[depth.place]
            gauge.labels(depth.kind).inc(depth.count)


def forget() -> None:
    """Another process leads by now: what this one knew is old."""
    for gauge in (_WAITING, _OLDEST, _RUNNING, _LATER, _DEAD):
        gauge.clear()
