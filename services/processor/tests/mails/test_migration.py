"""The log of mails of the release before is kept, without what tells whose they were (RELIABILITY 17)."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from processor_standins.kinds import Rows

import processor
from common import migrations
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import ON_POSTGRES, MakeSettings
from common.testing.postgres import fresh_database
from processor.mails.models import LoggedMail
from processor.settings import Settings

HASH = hashlib.sha256(b"zoe@example.org").hexdigest()


@pytest.fixture
def before(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of the release before."""
    if ON_POSTGRES:
        url = fresh_database(request.getfixturevalue("postgres_url"))
    else:
        url = f"sqlite+aiosqlite:///{tmp_path / 'old.sqlite3'}"
    config = Config()
    config.set_main_option("script_location", str(migrations.folder(processor.__file__)))
    config.attributes["url"] = url
    with ThreadPoolExecutor(1) as thread:
        thread.submit(command.upgrade, config, "0001").result()
    return url


async def test_the_log_is_kept_and_the_hashes_of_addresses_are_not(
    before: str, settings_for: MakeSettings, rows: Rows
) -> None:
    database, job_id, at = Database(before), new_id(), now()
    log = sa.table(
        "email_log", *map(sa.column, ("job_id", "template", "recipient_sha256", "message_id", "sent_at"))
    )
    row: dict[str, Any] = {
        "job_id": job_id if ON_POSTGRES else job_id.hex,
        "template": "verify-email",
        "recipient_sha256": HASH,
        "message_id": "<1@resumax.test>",
        "sent_at": at if ON_POSTGRES else at.replace(tzinfo=None),
    }
    async with database.writer.begin() as connection:
        await connection.execute(log.insert(), row)
    migrations.upgrade(migrations.folder(processor.__file__), before)
    settings: Settings = settings_for(
        Settings, processor.__file__, database_url=before, smtp_url="smtp://x", mail_from="a@b.test"
    )
    [kept] = await rows(settings, LoggedMail)
    assert (kept.job_id, kept.template, kept.at) == (job_id, "verify-email", at)
    assert (kept.outcome, kept.attempts, kept.message_id) == ("sent", 1, "<1@resumax.test>")
    assert kept.recipient == kept.category == ""
    # A processor of the release before still notes what it sends, or it would send it again.
    async with database.writer.begin() as connection:
        assert (await connection.execute(sa.select(log))).all() == []
        await connection.execute(log.insert(), row)
    await database.close()
