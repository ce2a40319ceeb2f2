"""What a recipient is spared: too many mails, mails to nobody, and mails that come too late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from processor_standins.kinds import MakeProcessorSettings, ReadMailLog, Rows, SendMail, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job

from common.contracts.jobs import Job
from common.db import Database
from common.ids import new_id, now
from common.testing.fixtures import eventually
from common.testing.processes import Nats
from processor.mails import ledger, suppressions, upkeep
from processor.mails.kinds import Allowance
from processor.mails.models import ALL, LoggedMail, Suppression
from processor.settings import Settings

NOBODY = "550 5.1.1 no such user"


@pytest_asyncio.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url)
    yield database
    await database.close()


async def test_a_recipient_is_not_flooded(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    mailbox: Mailbox,
    address: str,
    rows: Rows,
) -> None:
    """Of many mails at once, to however many workers, as many go out as may; the others wait, or are dropped."""
    broker, platform = apart
    limits = {"account": Allowance(hour=3, day=99), "notification": Allowance(hour=2, day=2)}
    settings = processor_settings(nats_url=broker.url, mail_limits=limits)
    data = {"title": "Ada", "link": "https://example.org/"}
    links = [email_job(address, template="verify-email", data=data) for _ in range(6)]
    notes = [email_job(address, template="comments", data=data) for _ in range(5)]
    warning = email_job(address, template="password-changed", data=data)
    other = email_job(f"other-{address}", template="comments", data=data)
    async with start_processor(settings):
        await asyncio.gather(*(platform.publish(job) for job in (*links, *notes, warning, other)))
        results = [(await platform.ended(job.id)).result for job in notes]
        assert (await platform.ended(warning.id)).state == "succeeded"
        assert (await platform.ended(other.id)).state == "succeeded"
        await asyncio.gather(*(_has_gone_or_waits(platform, job) for job in links))
        # Another kind of link has a share of its own. One that would have expired by then is no use waiting for.
        resets = [email_job(address, template="password-reset", data=data) for _ in range(4)]
        for reset in resets:
            await platform.publish(reset)
            await platform.ended(reset.id)
        told = [(await platform.ended(reset.id)).result or {} for reset in resets]
        assert ["messageId" in result for result in told] == [True, True, True, False]
        assert told[-1] == {"limited": "account"}
    assert results.count({"limited": "notification"}) == 3
    kinds = [str(mail["Subject"]) for mail in mailbox.to(address)]
    assert kinds.count("Confirm your e-mail address") == 3
    assert kinds.count("New comments: Ada") == 2
    logged = [(row.template, row.outcome) for row in await rows(settings, LoggedMail)]
    assert logged.count(("comments", "limited")) == 3
    assert logged.count(("verify-email", "waiting")) == 3
    assert logged.count(("password-reset", "limited")) == 1


async def test_strangers_who_ask_for_all_the_links_they_may_keep_none_from_the_owner(
    settings: Settings, database: Database
) -> None:
    """The accounts give 3 links of each kind in 15 minutes to whoever asks: each of them goes out, all day long."""
    recipient, at = new_id().hex, now() - timedelta(minutes=1)
    async with database.write() as db:
        for template in ("magic-link", "password-reset", "verify-email"):
            for n in range(4 * 24 * 3):
                db.add(logged_mail(recipient, template, at=at - timedelta(minutes=15) * (n // 3)))
    for template in ("magic-link", "password-reset", "verify-email"):
        mail = ledger.Mail(
            job_id=new_id(),
            template=template,
            category="account",
            language="en",
            recipient=recipient,
            message_id="<x@y>",
        )
        allowances = settings.mail_allowances
        async with database.write() as db:
            assert await ledger.admit(db, mail, allowances=allowances, useful_until=now()) is None


def logged_mail(recipient: str, template: str, *, at: datetime) -> LoggedMail:
    logged = LoggedMail(
        job_id=new_id(),
        template=template,
        category="account",
        language="en",
        recipient=recipient,
        message_id="<x@y>",
        outcome="sent",
        reason="",
        attempts=1,
    )
    logged.at = at
    return logged


async def _has_gone_or_waits(platform: Platform, job: Job) -> None:
    async def check() -> bool:
        return bool({"succeeded", "retrying"} & set(platform.states(job.id)))

    await eventually(check)


async def test_a_recipient_who_does_not_exist_gets_no_more_but_warnings(
    send: SendMail, moody: Mailbox, address: str, log: ReadMailLog
) -> None:
    moody.answer_recipient = NOBODY
    for _ in range(2):
        assert (await send("comments")).state == "failed"
    moody.answer_recipient = ""
    for template in ("comments", "verify-email"):
        assert (await send(template)).result == {"suppressed": "bounced"}
    assert (await send("password-changed")).state == "succeeded"
    # There is somebody after all.
    assert (await send("comments")).state == "succeeded"
    assert [row["outcome"] for row in await log()] == [
        "sent", "sent", "suppressed", "suppressed", "bounced", "bounced",
    ]  # fmt: skip
    assert len(moody.to(address)) == 2


@pytest.mark.parametrize("answer", ["550 5.7.1 we do not like you", "552 5.2.2 mailbox full", "554 no"])
async def test_a_refusal_that_says_nothing_of_the_recipient_does_not_count(
    send: SendMail, moody: Mailbox, answer: str, log: ReadMailLog
) -> None:
    moody.answer_recipient = answer
    for _ in range(2):
        assert (await send("comments")).state == "failed"
    moody.answer_recipient = ""
    assert "messageId" in ((await send("comments")).result or {})
    assert [row["outcome"] for row in await log()] == ["sent", "refused", "refused"]


async def test_refusals_count_only_in_a_row(send: SendMail, moody: Mailbox) -> None:
    for answer in (NOBODY, "", NOBODY, ""):
        moody.answer_recipient = answer
        ended = await send("comments")
        assert ended.state == ("failed" if answer else "succeeded")
        assert ended.result is None or "messageId" in ended.result


async def test_whoever_was_not_there_is_tried_again_after_a_while(database: Database) -> None:
    recipient = new_id().hex
    async with database.write() as db:
        row = await suppressions.add(db, recipient, ALL, reason="bounced")
        row.at = now() - suppressions.BOUNCES_COUNT_FOR - timedelta(minutes=1)
    async with database.read() as db:
        assert await suppressions.reason_against(db, recipient, "account", at=now()) is None
        earlier = now() - timedelta(minutes=2)
        assert await suppressions.reason_against(db, recipient, "account", at=earlier) == "bounced"


@pytest.mark.parametrize(("template", "minutes"), [("magic-link", 11), ("comments", 3 * 24 * 60 + 1)])
async def test_a_mail_that_would_come_too_late_is_not_sent(
    platform: Platform, mailbox: Mailbox, address: str, log: ReadMailLog, template: str, minutes: int
) -> None:
    """A link that has expired helps nobody, and old news is none."""
    data = {"title": "Ada", "link": "https://example.org/"}
    job = email_job(address, template=template, data=data, run_at=now() - timedelta(minutes=minutes))
    ended = await platform.ended(await platform.publish(job))
    assert (ended.state, ended.error) == ("failed", "It was not sent in time.")
    assert mailbox.to(address) == []
    assert [row["outcome"] for row in await log()] == ["expired"]


async def test_staff_see_what_became_of_mails_and_find_them_by_address(
    client: httpx.AsyncClient, admin: dict[str, str], send: SendMail, address: str, log: ReadMailLog
) -> None:
    before = now().isoformat()
    for template in ("comments", "verify-email", "comments"):
        await send(template)
    first, second, third = await log()
    assert [row["template"] for row in (first, second, third)] == ["comments", "verify-email", "comments"]
    assert [row["template"] for row in await log(template="verify-email")] == ["verify-email"]
    assert await log(outcome="refused") == []
    assert await log(until=before) == []
    assert len(await log(since=before)) == 3
    shown = await client.get(
        "/internal/mails", params={"recipient": first["recipient"], "limit": 2}, headers=admin
    )
    assert [row["jobId"] for row in shown.json()["items"]] == [first["jobId"], second["jobId"]]
    cursor = {"recipient": first["recipient"], "cursor": shown.json()["nextCursor"]}
    following = await client.get("/internal/mails", params=cursor, headers=admin)
    assert [row["jobId"] for row in following.json()["items"]] == [third["jobId"]]
    assert address not in shown.text


async def test_staff_take_addresses_off_and_put_them_on(
    client: httpx.AsyncClient, admin: dict[str, str], send: SendMail, mailbox: Mailbox, address: str
) -> None:
    body = {"address": address.upper(), "reason": "complained"}
    made = await client.post("/internal/mail-suppressions", json=body, headers=admin)
    assert made.status_code == 201
    for template in ("comments", "verify-email", "password-changed"):
        assert (await send(template)).result == {"suppressed": "complained"}
    listed = await client.get("/internal/mail-suppressions", params={"address": address}, headers=admin)
    assert [row["id"] for row in listed.json()["items"]] == [made.json()["id"]]
    assert address not in listed.text
    path = f"/internal/mail-suppressions/{made.json()['id']}"
    assert (await client.delete(path, headers=admin)).status_code == 204
    again = await client.delete(path, headers=admin)
    assert (again.status_code, again.json()["code"]) == (404, "SUPPRESSION_NOT_FOUND")
    assert (await send("comments")).state == "succeeded"
    assert len(mailbox.to(address)) == 1


async def test_the_log_is_forgotten_in_its_time(settings: Settings, database: Database, rows: Rows) -> None:
    old, young = new_id(), new_id()
    same = {"template": "comments", "category": "notification", "language": "en", "outcome": "sent"}
    async with database.write() as db:
        for job_id, days in ((old, 401), (young, 399)):
            logged = LoggedMail(
                job_id=job_id, recipient="r", message_id="<x@y>", reason="", attempts=1, **same
            )
            logged.at = now() - timedelta(days=days)
            db.add(logged)
    assert await upkeep.forget_old(database, kept=timedelta(days=400)) == 1
    kept = {row.job_id for row in await rows(settings, LoggedMail)}
    assert young in kept
    assert old not in kept


async def test_nobody_is_named_in_the_tables(
    settings: Settings, rows: Rows, send: SendMail, address: str
) -> None:
    await send("comments")
    everything = [*await rows(settings, LoggedMail), *await rows(settings, Suppression)]
    assert address not in "".join(repr(vars(row)) for row in everything)
