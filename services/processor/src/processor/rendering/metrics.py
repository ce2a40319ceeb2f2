"""What Prometheus is told of rendering."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

from processor.rendering.errors import EngineUnavailable, RenderFailed

_SECONDS = Histogram(
    "render_seconds",
    "Seconds that a document took, from when it was wanted, the wait for a worker included",
    ["engine", "format"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
_FAILED = Counter("render_failed", "Documents that were not rendered, by why", ["engine", "reason"])
LOST = Counter(
    "render_workers_lost", "Workers that died, or were killed for the time or the memory that they took"
)


@contextmanager
def observed(engine: str, format: str) -> Iterator[None]:
    """Count what is rendered in the block, and what is not; what nobody waits for any more is neither."""
    began = time.perf_counter()
    try:
        yield
    except (RenderFailed, EngineUnavailable) as error:
        _FAILED.labels(engine, type(error).__name__).inc()
        raise
    _SECONDS.labels(engine, format).observe(time.perf_counter() - began)
