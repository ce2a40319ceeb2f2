"""The signing keys as this process uses them, read again every other second: a rotation may happen in another one."""

import time
from datetime import datetime
from typing import Any

from joserfc.jwk import RSAKey

from common.db import Database
from common.ids import now
from common.problems import Unavailable
from sso.keys import queries
from sso.keys.models import SigningKey
from sso.keys.service import LAST_TOKEN
from sso.keys.vault import Vault

READ_EVERY = 2.0


class Keyring:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._rows: list[SigningKey] = []
        self._opened: dict[str, RSAKey] = {}
        self._read_at = -READ_EVERY

    async def active(self) -> RSAKey:
        """The key that signs now, with its private part."""
        at = now()
        for row in await self._current(at):
            if row.state(at) == "active":
                if row.kid not in self._opened:
                    self._opened = {row.kid: self._vault.open(row.kid, row.sealed_private_key)}
                return self._opened[row.kid]
        raise Unavailable("There is no signing key.")

    async def public(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 section 5): the key in use, the next one, and those whose tokens may be alive."""
        return {"keys": [row.public_jwk for row in await self._current(now())]}

    async def _current(self, at: datetime) -> list[SigningKey]:
        if not self._rows or time.monotonic() - self._read_at >= READ_EVERY:
            async with self._database.read() as db:
                self._rows = await queries.published(db, retired_after=at - LAST_TOKEN)
            self._read_at = time.monotonic()
        return self._rows
