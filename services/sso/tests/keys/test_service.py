from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from common.db import Database
from common.ids import now
from common.sealing import MasterKey, WrongEncryptionKey
from common.settings import Secret
from sso.keys import service
from sso.keys.keyring import Keyring
from sso.keys.models import SigningKey
from sso.keys.vault import Vault
from sso.settings import Settings

START = now()
DAYS = timedelta(days=1)


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(MasterKey(settings.key_encryption_key))


@pytest_asyncio.fixture
async def fresh(sso_settings: Callable[..., Settings], vault: Vault) -> AsyncIterator[Database]:
    """A database with its first pair of keys."""
    database = Database(sso_settings().database_url)
    await service.ensure(database, vault, at=START)
    yield database
    await database.close()


async def states(database: Database, at: object = None) -> list[str]:
    async with database.read() as db:
        keys = await db.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.usable_from))
        return sorted(key.state(at or now()) for key in keys)  # type: ignore[arg-type]


async def test_there_is_one_key_in_use_and_one_published_to_follow(fresh: Database, vault: Vault) -> None:
    assert await states(fresh) == ["active", "published"]
    await service.ensure(fresh, vault, at=now())
    assert len(await states(fresh)) == 2
    assert len((await Keyring(fresh, vault).public())["keys"]) == 2


# SECURITY 16
async def test_the_key_that_takes_over_was_published_before(fresh: Database, vault: Vault) -> None:
    before = await Keyring(fresh, vault).public()
    rotated = await service.rotate(fresh, vault, at=START)
    assert rotated.kid in {key["kid"] for key in before["keys"]}
    assert (await Keyring(fresh, vault).active()).kid == rotated.kid
    assert await states(fresh) == ["active", "published", "retired"]


async def test_a_key_published_a_moment_ago_takes_over_when_all_have_seen_it(
    fresh: Database, vault: Vault
) -> None:
    at = now()  # of the test and not of its module: the keyring goes by the clock
    first = await service.rotate(fresh, vault, at=at)
    second = await service.rotate(fresh, vault, at=at)
    assert second.active_from == at + service.SEEN_AFTER
    assert (await Keyring(fresh, vault).active()).kid == first.kid


# SECURITY 16
async def test_a_retired_key_stays_published_until_its_last_token_died(fresh: Database, vault: Vault) -> None:
    old = (await Keyring(fresh, vault).active()).kid
    await service.rotate(fresh, vault, at=START)
    await service.rotate_if_due(fresh, vault, at=START + timedelta(minutes=29))
    assert old in {key["kid"] for key in (await Keyring(fresh, vault).public())["keys"]}
    await service.rotate_if_due(fresh, vault, at=START + timedelta(minutes=31))
    assert old not in {key["kid"] for key in (await Keyring(fresh, vault).public())["keys"]}


# SECURITY 16
async def test_a_key_is_rotated_after_ninety_days(fresh: Database, vault: Vault) -> None:
    await service.rotate_if_due(fresh, vault, at=START + 89 * DAYS)
    assert await states(fresh, START + 89 * DAYS) == ["active", "published"]
    await service.rotate_if_due(fresh, vault, at=START + 90 * DAYS)
    assert await states(fresh, START + 90 * DAYS) == ["active", "published", "retired"]


# SECURITY 16
async def test_private_keys_are_encrypted_at_rest_under_the_key_of_the_environment(
    fresh: Database, vault: Vault
) -> None:
    key = await Keyring(fresh, vault).active()
    async with fresh.read() as db:
        row = await db.get_one(SigningKey, key.kid)
    assert key.as_der(private=True)[40:80] not in row.sealed_private_key
    assert "d" not in row.public_jwk
    other = Vault(MasterKey(Secret("Zm9v" * 10 + "Zm8=")))
    with pytest.raises(WrongEncryptionKey):
        await Keyring(fresh, other).active()


@pytest.mark.parametrize("text", ["", "short", "dev-", "!" * 43, "A" * 42, "A" * 60])
def test_a_master_key_that_is_not_32_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        MasterKey(Secret(text))
