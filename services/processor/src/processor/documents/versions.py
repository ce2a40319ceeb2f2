"""Frozen versions of resumes, from the api. They never change, so what was read once is kept for a while."""

from collections import OrderedDict
from uuid import UUID

import msgspec

from common.contracts.versions import FrozenVersion
from common.http import ServiceClient, ServiceRefused, ServiceUnavailable
from common.jobs import JobPostponed, JobRejected

KEPT_BYTES = 16 << 20


class Versions:
    """Reads versions; the latest used stay as the bytes they came as, at most `keep` of them in sum."""

    def __init__(self, api: ServiceClient, *, keep: int = KEPT_BYTES) -> None:
        self._api, self._keep = api, keep
        self._kept: OrderedDict[UUID, bytes] = OrderedDict()
        self._bytes = 0

    async def get(self, version_id: UUID) -> FrozenVersion:
        """Raises JobRejected if there is no such version (any more), JobPostponed while the api is away."""
        body = self._kept.get(version_id)
        if body is None:
            body = await self._fetch(version_id)
            self._remember(version_id, body)
        else:
            self._kept.move_to_end(version_id)
        return msgspec.json.decode(body, type=FrozenVersion)

    async def _fetch(self, version_id: UUID) -> bytes:
        try:
            return await self._api.send("GET", f"/internal/versions/{version_id}")
        except ServiceRefused as refused:
            raise JobRejected("This version of the resume is not there any more.") from refused
        except ServiceUnavailable as error:
            raise JobPostponed("the api is not available") from error

    def _remember(self, version_id: UUID, body: bytes) -> None:
        if version_id in self._kept or len(body) > self._keep:
            return
        self._kept[version_id] = body
        self._bytes += len(body)
        while self._bytes > self._keep:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
