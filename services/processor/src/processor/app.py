"""The composition root of the processor."""

from datetime import timedelta
from functools import partial

import msgspec

import processor
from common.blobs import Blobs
from common.contracts.jobs import EmailJob, ExportJob, TemplateCheckJob
from common.contracts.webhooks import WebhookJob
from common.edge import Edge
from common.sealing import MasterKey
from common.service import Service
from common.streams import EVENTS, JOB_EVENTS, JOBS, JOBS_DLQ
from processor.background import Background, repeated, until_done
from processor.catalogue.publishing import Publisher
from processor.catalogue.routes import router as catalogue
from processor.documents import addresses
from processor.documents.comparisons import Comparisons
from processor.documents.exports import Exports
from processor.documents.files import Files
from processor.documents.photos import Photos
from processor.documents.previews import Previews
from processor.documents.routes import router as documents
from processor.documents.sweeping import Sweeper
from processor.documents.versions import Versions
from processor.jobs.cancelling import Cancellations
from processor.jobs.dispatcher import Dispatcher
from processor.jobs.intake import Intake
from processor.jobs.routes import router as jobs
from processor.jobs.runner import Kind
from processor.jobs.upkeep import Upkeep
from processor.mails import pages as mail_pages
from processor.mails import routes as mail_routes
from processor.mails import upkeep as mail_upkeep
from processor.mails.kinds import load as load_mails
from processor.mails.recipients import Recipients
from processor.mails.sending import Envelope, Mails, Rules, replayable_until
from processor.mails.smtp import Server
from processor.mails.unsubscribing import Links
from processor.rendering import BrowserSettings, Limits, Renderer, load_builtin
from processor.settings import Settings
from processor.uploads import upkeep as upload_upkeep
from processor.uploads.checking import TemplateChecks
from processor.uploads.routes import router as uploads
from processor.uploads.shelf import Shelf
from processor.webhooks.carrying import Webhooks
from processor.webhooks.sending import Sender


def create_app(settings: Settings) -> Edge:
    service = Service(
        "processor",
        settings,
        package_file=processor.__file__,
        streams=[JOBS, JOB_EVENTS, JOBS_DLQ, EVENTS],
        calls=["api", "account"],
    )
    blobs, templates = Blobs(settings), load_builtin()
    service.needs("s3", check=blobs.check, close=blobs.close)
    renderer = _renderer(settings)
    shelf = Shelf(service.database, templates)
    checks = TemplateChecks(database=service.database, blobs=blobs, shelf=shelf, renderer=renderer)
    photos = Photos(blobs, service.clients["api"])
    comparisons = Comparisons(renderer, shelf, photos)
    exports = Exports(
        database=service.database,
        blobs=blobs,
        versions=Versions(service.clients["api"]),
        photos=photos,
        renderer=renderer,
        shelf=shelf,
        home=f"{settings.issuer}/",
    )
    mail_key, mail_kinds = MasterKey(settings.mail_key), load_mails()
    recipients, links = Recipients(mail_key), Links(mail_key, settings.issuer)
    mails = Mails(
        Server.at(settings.smtp_url),
        _envelope(settings),
        database=service.database,
        profiles=service.clients["account"],
        kinds=mail_kinds,
        recipients=recipients,
        links=links,
        rules=Rules(allowances=settings.mail_allowances, bounces=settings.mail_bounces),
    )
    sender = Sender(timeout=settings.webhook_timeout, allow_private=settings.webhooks_allow_private)

    dispatcher = Dispatcher(
        service.database,
        service.bus,
        kinds={
            ExportJob.KIND: Kind(exports, "render", exports.undo),
            ExportJob.OTHER_KIND: Kind(exports, "render", exports.undo),
            EmailJob.KIND: Kind(mails, "mail", useful_until=partial(replayable_until, mail_kinds)),
            WebhookJob.KIND: Kind(Webhooks(service.clients["api"], sender), "webhook"),
            TemplateCheckJob.KIND: Kind(checks, "checks"),
        },
        pools={
            "render": settings.render_jobs,
            "mail": settings.mail_workers,
            "webhook": settings.webhook_workers,
            "checks": 1,
        },
        lease=settings.ack_wait,
    )
    intake = Intake(
        service.database, service.bus, dispatcher, ack_wait=settings.ack_wait, most=settings.queue_limit
    )
    cancellations = Cancellations(service.database, service.bus, dispatcher, ack_wait=settings.ack_wait)
    sweeper = Sweeper(service.database, blobs, jobs_kept=timedelta(days=settings.jobs_kept_days))
    job_upkeep = Upkeep(
        service.database, kept=timedelta(days=settings.jobs_kept_days), kinds=dispatcher.kinds
    )
    for consumer in intake.consumers:
        service.consume(consumer)
    service.consume(cancellations.consumer)
    service.lifecycle.on_drain(lambda: dispatcher.drain(settings.shutdown_grace))

    background = Background()

    publisher = Publisher(database=service.database, blobs=blobs, renderer=renderer, templates=templates)

    async def prepare_storage() -> None:
        await blobs.ensure_bucket(addresses.BUCKET)
        await publisher.store()

    async def sweep_mail_log() -> None:
        await mail_upkeep.forget_old(service.database, kept=timedelta(days=settings.mail_log_kept_days))

    async def refuse_unchecked() -> None:
        await upload_upkeep.refuse_unchecked(service.database)

    async def start() -> None:
        renderer.start()
        dispatcher.start()
        background.run(job_upkeep.run())
        background.run(sweeper.run())
        background.run(until_done("announce_templates", publisher.announce))
        background.run(until_done("prepare_storage", prepare_storage))
        background.run(repeated("uploads", refuse_unchecked, every=upload_upkeep.EVERY))
        background.run(repeated("mail_log", sweep_mail_log, every=mail_upkeep.EVERY))

    async def stop() -> None:
        await background.stop()
        await renderer.stop()
        photos.close()
        comparisons.close()
        await shelf.close()
        await sender.close()

    service.on_start(start)
    service.on_stop(stop)
    return service.app(
        prefix="/render/v1",
        description="Renders resumes, and runs the jobs of the platform.",
        routes=[documents, catalogue, uploads, jobs, mail_pages.router, mail_routes.router],
        state={
            "settings": settings,
            "templates": templates,
            "renderer": renderer,
            "shelf": shelf,
            "previews": Previews(renderer, shelf, photos),
            "files": Files(renderer, shelf, photos),
            "comparisons": comparisons,
            "unsubscribe_links": links,
            "mail_recipients": recipients,
            "dispatcher": dispatcher,
            "cancellations": cancellations,
        },
    )


def _renderer(settings: Settings) -> Renderer:
    limits = Limits(
        seconds=settings.render_timeout,
        interactive=settings.interactive_timeout,
        memory=settings.render_memory,
    )
    return Renderer(
        workers=settings.render_workers + 1,  # one for previews
        limits=limits,
        strangers=msgspec.structs.replace(
            limits, seconds=settings.template_timeout, memory=settings.template_memory
        ),
        browser=BrowserSettings(
            program=settings.chromium,
            pages=settings.browser_pages,
            timeout=settings.browser_timeout,
            interactive_timeout=settings.interactive_timeout,
            memory=settings.browser_memory,
            idle=settings.browser_idle,
        ),
        needs_sandbox=settings.environment == "production",
    )


def _envelope(settings: Settings) -> Envelope:
    return Envelope(
        sender=settings.mail_from,
        reply_to=settings.mail_reply_to,
        return_path=settings.mail_return_path,
    )
