"""The composition root of the api service."""

from litestar import Router

import api
from api import dependencies
from api.archives import routes as archives
from api.assets import routes as assets
from api.assets.completing import Completer
from api.assets.stored import BUCKET as ASSETS
from api.assets.workshop import Workshop
from api.comments import pages as comment_pages
from api.comments import routes as comments
from api.comments import visitor_routes as shared_comments
from api.comments.notices import Notices
from api.comments.reviewing import Reviewing
from api.contents import routes as contents
from api.contents.cache import ContentCache
from api.discards.service import Discarder
from api.exports import routes as exports
from api.families import routes as families
from api.imports import routes as imports
from api.jobs import routes as jobs
from api.jobs.consumers import job_events
from api.jobs.live import JobFeed
from api.library import routes as library
from api.library import uses_routes as library_uses
from api.library.models import LibraryItem
from api.moderation import routes as moderation
from api.responses.cache import Answers
from api.responses.scopes import CATALOGUE, owner_of
from api.resumes import routes as resumes
from api.resumes import state_routes as resume_states
from api.resumes.models import Resume, Tag
from api.sections import item_routes as items
from api.sections import routes as sections
from api.settings import Settings
from api.shares import surface as shares
from api.shares.surface import Sharing
from api.templates import routes as templates
from api.templates.models import Template
from api.templates.previews import Previews
from api.upkeep import Upkeep
from api.versions import routes as versions
from api.webhooks import routes as webhooks
from api.webhooks.signing import WebhookSecrets
from common.blobs import Blobs
from common.edge import Edge
from common.sealing import MasterKey
from common.service import Service
from common.streams import API_CACHE, JOB_EVENTS, JOBS, RESUME_CACHE

FEATURES = [
    resumes.router,
    resume_states.router,
    contents.router,
    sections.router,
    items.router,
    imports.router,
    archives.router,
    versions.router,
    versions.internal_router,
    templates.router,
    templates.pictures_router,
    templates.internal_router,
    exports.router,
    jobs.router,
    library.router,
    library_uses.router,
    assets.router,
    assets.internal_router,
    families.router,
    *shares.ROUTES,
    comments.router,
    shared_comments.router,
    comment_pages.router,
    moderation.router,
    webhooks.router,
    webhooks.internal_router,
]


def create_app(settings: Settings) -> Edge:
    service = Service(
        "api",
        settings,
        package_file=api.__file__,
        streams=[JOBS, JOB_EVENTS, RESUME_CACHE, API_CACHE],
    )

    def relays() -> bool:
        return service.relay.is_leading

    blobs = Blobs(settings)
    service.needs("s3", check=blobs.check, close=blobs.close)
    answers = Answers(service.bus, service.database, relays=relays)
    answers.follow({Resume: owner_of, Tag: owner_of, LibraryItem: owner_of, Template: lambda _: CATALOGUE})
    discarder = Discarder(service.database, blobs, buckets=[ASSETS])
    service.on_start(discarder.start)
    service.on_stop(discarder.stop)
    home = f"{settings.issuer}/"
    upkeep = Upkeep(service.database, blobs, home=home)
    service.on_start(upkeep.start)
    service.on_stop(upkeep.stop)
    workshop = Workshop()
    service.on_stop(workshop.close)
    sharing = Sharing(settings, service.database, blobs)
    service.on_start(sharing.start)
    service.on_stop(sharing.stop)
    reviewing = Reviewing()
    service.on_stop(reviewing.close)
    feed = JobFeed(service.bus)
    service.consume(job_events(service, feed))
    service.lifecycle.on_drain(feed.close)
    return service.app(
        prefix="/api/v1",
        description="Resumes, what they say, their versions and exports, and the state of their jobs.",
        routes=[Router("/", dependencies=dependencies.PROVIDERS, route_handlers=FEATURES)],
        state={
            "settings": settings,
            "blobs": blobs,
            "contents": ContentCache(service.bus, relays=relays, lists_changed=answers.forget),
            "feed": feed,
            "previews": Previews(blobs),
            "answers": answers,
            "completer": Completer(service.database, blobs, settings, workshop),
            "sharing": sharing,
            "notices": Notices(home),
            "reviewing": reviewing,
            "webhook_secrets": WebhookSecrets(MasterKey(settings.webhook_key)),
        },
    )
