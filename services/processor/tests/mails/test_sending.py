"""Mail jobs: from a message on the queue to a mail server."""

import hashlib

import pytest
from processor_standins.api import Api
from processor_standins.kinds import MakeProcessorSettings, Rows, StartProcessor
from processor_standins.mailbox import Mailbox
from processor_standins.platform import Platform, email_job

from common.settings import Secret
from common.testing.processes import Nats
from processor.jobs.models import JobStatus, QueuedJob
from processor.mails.models import LoggedMail
from processor.mails.smtp import Server
from processor.settings import Settings


async def test_a_mail_goes_out_and_is_noted_without_naming_anybody(
    platform: Platform, mailbox: Mailbox, address: str, rows: Rows, settings: Settings
) -> None:
    job_id = await platform.publish(email_job(address, locale="de"))
    ended = await platform.ended(job_id)
    [mail] = mailbox.to(address)
    assert ended.result == {"messageId": f"<{job_id}@resumax.test>"}
    assert mail["Message-ID"] == f"<{job_id}@resumax.test>"
    assert mail["Subject"] == "Bestätige deine E-Mail-Adresse"
    assert mail["From"] == "resuMAX <no-reply@resumax.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    [noted] = [row for row in await rows(settings, LoggedMail) if row.job_id == job_id]
    assert (noted.template, noted.category, noted.language) == ("verify-email", "account", "de")
    assert (noted.outcome, noted.reason, noted.attempts) == ("sent", "", 1)
    # By those who have no key, who was written to cannot even be guessed.
    assert noted.recipient != hashlib.sha256(address.encode()).hexdigest()
    kept = [row for table in (JobStatus, QueuedJob, LoggedMail) for row in await rows(settings, table)]
    own = " ".join(repr(vars(row)) for row in kept if row.job_id == job_id)
    for secret in (address, "s3cret-token"):
        assert own.count(secret) == 0


async def test_a_mail_in_arabic_arrives_whole(platform: Platform, mailbox: Mailbox, address: str) -> None:
    data = {"name": "أمينة", "provider": "Google", "link": "https://example.org/security"}
    job = email_job(address, template="identity-linked", locale="ar-EG", data=data)
    assert (await platform.ended(await platform.publish(job))).state == "succeeded"
    [mail] = mailbox.to(address)
    assert mail["Subject"] == "تمت إضافة تسجيل الدخول عبر \u2068Google\u2069 إلى حسابك"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "مرحبًا \u2068أمينة\u2069،" in text
    assert "https://example.org/security" in text.splitlines()
    assert 'lang="ar" dir="rtl"' in html


async def test_a_recipient_who_is_refused_ends_the_job_at_once_and_is_not_named(
    platform: Platform, moody: Mailbox, address: str
) -> None:
    moody.answer_recipient = f"550 5.1.1 <{address}> no such user"
    job_id = await platform.publish(email_job(address))
    ended = await platform.ended(job_id)
    assert platform.states(job_id) == ["running", "failed"]
    assert ended.error == "the mail server refused the recipient (550)"
    letter = await platform.bus.jetstream.get_last_msg("JOBS_DLQ", "jobs.dead.email")
    assert letter.headers is not None
    assert address not in letter.headers["X-Dead-Reason"]


@pytest.mark.parametrize("stage", ["answer_recipient", "answer_data"])
async def test_a_server_that_puts_a_mail_off_gets_it_later(
    platform: Platform, moody: Mailbox, address: str, stage: str
) -> None:
    setattr(moody, stage, "451 4.7.1 greylisted, try later")
    job_id = await platform.publish(email_job(address))
    await platform.has_state(job_id, "retrying")
    setattr(moody, stage, "")
    ended = await platform.ended(job_id)
    assert ended.state == "succeeded"
    assert ended.attempt == 1
    assert len(moody.to(address)) == 1


async def test_a_mail_that_the_server_will_never_take_ends_the_job(
    platform: Platform, moody: Mailbox, address: str
) -> None:
    moody.answer_data = "554 5.7.1 looks like spam"
    ended = await platform.ended(await platform.publish(email_job(address)))
    assert ended.state == "failed"
    assert ended.error == "the mail server refused the mail (554)"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"template": "no-such"}, "there is no template no-such"),
        ({"data": {}}, "template verify-email cannot be filled (UndefinedError)"),
        ({"data": {"link": "javascript:x"}}, "the link is not a web address"),
    ],
)
async def test_a_mail_that_cannot_be_written_ends_the_job(
    platform: Platform, address: str, changes: dict[str, object], error: str
) -> None:
    ended = await platform.ended(await platform.publish(email_job(address, **changes)))
    assert ended.state == "failed"
    assert ended.error == error


async def test_header_injection_sends_nothing(platform: Platform, mailbox: Mailbox) -> None:
    before = len(mailbox.mails)
    ended = await platform.ended(
        await platform.publish(email_job("zoe@example.org\r\nBcc: evil@example.org\r\n\r\nBuy"))
    )
    assert ended.error == "the recipient is not an address"
    assert len(mailbox.mails) == before


async def test_mail_waits_while_the_server_is_down_and_then_goes_out_once(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    address: str,
) -> None:
    broker, platform = apart
    later = Mailbox()
    settings = processor_settings(nats_url=broker.url, smtp_url=Secret(later.url))
    async with start_processor(settings):
        job_id = await platform.publish(email_job(address))
        await platform.has_state(job_id, "retrying")
        async with later.open():
            ended = await platform.ended(job_id)
            await platform.is_idle("email")
    assert ended.state == "succeeded"
    assert ended.attempt == 1
    assert len(later.to(address)) == 1


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail:2525", Server("mail", 2525, False, None, None)),
        ("smtp://mail", Server("mail", 25, False, None, None)),
        ("smtps://me%40x:p%2Fw@mail", Server("mail", 465, True, "me@x", Secret("p/w"))),
        ("smtp://me:pw@mail", Server("mail", 587, False, "me", Secret("pw"))),
    ],
)
def test_the_mail_server_is_read_from_its_url(url: str, server: Server) -> None:
    assert Server.at(Secret(url)) == server


def test_a_url_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="smtp://host:port") as refused:
        Server.at(Secret("http://user:hunter2@mail"))
    assert "hunter2" not in str(refused.value)


async def test_a_mail_to_a_user_goes_to_the_address_in_their_profile_in_their_language(
    platform: Platform, api: Api, mailbox: Mailbox
) -> None:
    user_id, address = api.person(locale="de")
    job = email_job("", template="password-changed", user_id=user_id, data={"name": "Zoë"})
    assert (await platform.ended(await platform.publish(job))).state == "succeeded"
    [mail] = mailbox.to(address)
    assert mail["Content-Language"] == "de"


async def test_a_mail_to_a_user_waits_for_the_account_service(
    apart: tuple[Nats, Platform],
    processor_settings: MakeProcessorSettings,
    start_processor: StartProcessor,
    api: Api,
    mailbox: Mailbox,
) -> None:
    broker, platform = apart
    user_id, address = api.person()
    settings = processor_settings(nats_url=broker.url, account_url="http://127.0.0.1:9")
    job = email_job("", template="password-changed", user_id=user_id, data={"name": "Zoë"})
    async with start_processor(settings):
        await platform.publish(job)
        await platform.has_state(job.id, "retrying")
    back = processor_settings(nats_url=broker.url, database_url=settings.database_url)
    async with start_processor(back):
        assert (await platform.ended(job.id)).state == "succeeded"
    assert len(mailbox.to(address)) == 1
