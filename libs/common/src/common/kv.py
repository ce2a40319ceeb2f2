"""KV buckets on JetStream, under a near-cache in the process that every update of the bucket invalidates.

The near-cache answers only while NATS is connected (otherwise updates would be missed), holds what it has for at most
`near_ttl` seconds, and is bounded in entries and bytes. Without NATS a read is a miss and a write is dropped: callers
go to their database.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.js.api import StreamConfig

from common.bus import Bus, BusUnavailable

log = structlog.get_logger()

READ_TIMEOUT = 0.5


class Entry(msgspec.Struct, frozen=True):
    """A value and the time it was put into the bucket."""

    value: bytes
    stored_at: datetime
    near_until: float


class Bucket:
    """One KV bucket. Keys: `[-/_=.a-zA-Z0-9]`. TTLs are whole seconds."""

    def __init__(
        self,
        bus: Bus,
        config: StreamConfig,
        *,
        near_ttl: float = 60.0,
        near_entries: int = 10_000,
        near_bytes: int = 32 << 20,
    ) -> None:
        assert config.name is not None  # noqa: S101 (ours always have one)
        self._bus = bus
        self._stream = config.name
        self._prefix = f"$KV.{config.name.removeprefix('KV_')}."
        self._near: OrderedDict[str, Entry] = OrderedDict()
        self._near_ttl, self._near_entries, self._near_bytes = near_ttl, near_entries, near_bytes
        self._bytes = 0
        self._updates = 0
        self._watchers: list[Callable[[str, bytes], None]] = []
        self._listening: object | None = None
        bus.on_connect(self._connected)
        bus.on_disconnect(self.clear)

    def watch(self, seen: Callable[[str, bytes], None]) -> None:
        """Call `seen(key, value)` for every update by anyone, from now on; a deletion has an empty value."""
        self._watchers.append(seen)

    def near(self, key: str) -> Entry | None:
        """What the near-cache holds, without any waiting."""
        entry = self._near.get(key)
        if entry is None:
            return None
        if entry.near_until < time.monotonic():
            self._drop(key)
            return None
        self._near.move_to_end(key)
        return entry

    async def get(self, key: str) -> Entry | None:
        """The entry of `key`, from the near-cache or the bucket; None if there is none or NATS is away."""
        if (entry := self.near(key)) is not None:
            return entry
        seen = self._updates
        try:
            message = await self._bus.request(
                f"$JS.API.DIRECT.GET.{self._stream}.{self._prefix}{key}", b"", within=READ_TIMEOUT
            )
        except BusUnavailable:
            return None
        headers = message.headers or {}
        if headers.get("Status") or headers.get("KV-Operation") or headers.get("Nats-Marker-Reason"):
            return None
        entry = self._entry(message.data, headers)
        if seen == self._updates:  # an update that came while we asked may be newer than the answer
            self._keep(key, entry)
        return entry

    async def put(self, key: str, value: bytes, *, ttl: int) -> bool:
        """Store `value` for `ttl` seconds; False if that could not be done."""
        try:
            await self._bus.publish(f"{self._prefix}{key}", value, headers={"Nats-TTL": str(ttl)}, within=1.0)
        except BusUnavailable as error:
            log.debug("kv_put_failed", key=key, error=str(error))
            return False
        return True

    async def delete(self, key: str) -> bool:
        self.forget(key)
        try:
            await self._bus.publish(
                f"{self._prefix}{key}", b"", headers={"KV-Operation": "DEL", "Nats-TTL": "60"}
            )
        except BusUnavailable:
            return False
        return True

    def remember(self, key: str, value: bytes) -> None:
        """Put `value` into the near-cache alone: what this process has just read or written itself."""
        if self._bus.ready.is_set():
            self._keep(key, Entry(value, datetime.now(UTC), time.monotonic() + self._near_ttl))

    def forget(self, key: str) -> None:
        """Drop `key` from the near-cache of this process at once; the other ones follow the bucket."""
        self._updates += 1
        self._drop(key)

    def clear(self) -> None:
        self._updates += 1  # what is being read may be changed while nobody tells us
        self._near.clear()
        self._bytes = 0

    def subject(self, key: str) -> str:
        """The subject that a put of `key` is published to: for an outbox row that must not be lost."""
        return f"{self._prefix}{key}"

    async def _connected(self) -> None:
        self.clear()
        if self._listening is not self._bus.raw:
            await self._bus.raw.subscribe(f"{self._prefix}>", cb=self._updated)
            self._listening = self._bus.raw

    async def _updated(self, message: Msg) -> None:
        key = message.subject.removeprefix(self._prefix)
        self.forget(key)
        for seen in self._watchers:
            seen(key, message.data)

    def _entry(self, value: bytes, headers: dict[str, str]) -> Entry:
        stored_at = datetime.fromisoformat(headers["Nats-Time-Stamp"][:26].rstrip("Z") + "+00:00")
        left = float(headers["Nats-TTL"].rstrip("s")) if "Nats-TTL" in headers else self._near_ttl
        age = (datetime.now(UTC) - stored_at).total_seconds()
        return Entry(value, stored_at, time.monotonic() + max(0.0, min(left - age, self._near_ttl)))

    def _keep(self, key: str, entry: Entry) -> None:
        self._drop(key)
        self._near[key] = entry
        self._bytes += len(entry.value)
        while len(self._near) > self._near_entries or self._bytes > self._near_bytes:
            self._drop(next(iter(self._near)))

    def _drop(self, key: str) -> None:
        if (entry := self._near.pop(key, None)) is not None:
            self._bytes -= len(entry.value)
