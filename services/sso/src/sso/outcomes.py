"""How every flow ends, counted for Prometheus."""

from prometheus_client import Counter

_OUTCOMES = Counter("sso_outcomes_total", "How flows of signing in ended", ["flow", "outcome"])


def count(flow: str, outcome: str) -> None:
    """Count one end of `flow` (`login`, `refresh`); both are words of ours, never what a request brought."""
    _OUTCOMES.labels(flow, outcome).inc()
