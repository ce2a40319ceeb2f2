"""The JetStream streams and KV buckets of the platform, declared in one place.

Streams are file-backed and refuse new messages when full instead of dropping old ones. Every service ensures at
start, and after every reconnect, those it uses.
"""

from typing import Final

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

DAY: Final = 24 * 3600
GIB: Final = 1 << 30

DEDUPLICATION_WINDOW: Final = 600.0
"""Seconds in which JetStream itself drops a message whose `Nats-Msg-Id` it has seen; past it, claims do."""


def _stream(
    name: str,
    subjects: list[str],
    *,
    days: float = 0,
    retention: RetentionPolicy = RetentionPolicy.LIMITS,
    discard: DiscardPolicy = DiscardPolicy.NEW,
) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=subjects,
        retention=retention,
        storage=StorageType.FILE,
        discard=discard,
        max_bytes=GIB,
        max_age=days * DAY,
        duplicate_window=DEDUPLICATION_WINDOW,
    )


def _bucket(name: str) -> StreamConfig:
    """A KV bucket with per-key TTL (ADR-8, ADR-43), made by hand because nats-py's `put` has no TTL."""
    return StreamConfig(
        name=f"KV_{name}",
        subjects=[f"$KV.{name}.>"],
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=GIB // 4,
        max_msgs_per_subject=1,
        allow_rollup_hdrs=True,
        deny_delete=True,
        allow_direct=True,
        allow_msg_ttl=True,
        duplicate_window=120.0,
    )


JOBS = _stream("JOBS", ["jobs.run.*"], retention=RetentionPolicy.WORK_QUEUE)
JOB_EVENTS = _stream("JOB_EVENTS", ["jobs.event.*.*"], days=7)
JOBS_DLQ = _stream("JOBS_DLQ", ["jobs.dead.*"], days=30)
EVENTS = _stream("EVENTS", ["events.>"], days=7)
# Counting must never hold up what is counted: when full, the oldest goes.
ANALYTICS = _stream("ANALYTICS", ["analytics.*"], days=2, discard=DiscardPolicy.OLD)
COUNTERS = StreamConfig(
    name="COUNTERS",
    subjects=["rate.>"],
    storage=StorageType.MEMORY,
    discard=DiscardPolicy.OLD,
    max_bytes=GIB // 16,
    max_age=3600,
    max_msgs_per_subject=1,
    allow_direct=True,
    allow_msg_counter=True,
)
AUTH_TOKENS = _bucket("auth_tokens")
RESUME_CACHE = _bucket("resume_cache")
API_CACHE = _bucket("api_cache")
