from api.assets.models import Asset  # noqa: F401 (their tables)
from api.contents.models import Item, Section  # noqa: F401
from api.discards.models import Discard  # noqa: F401
from api.exports.models import Export  # noqa: F401
from api.jobs.models import JobStatus  # noqa: F401
from api.responses.models import Generation  # noqa: F401
from api.resumes.models import Resume  # noqa: F401
from api.search.models import SearchText  # noqa: F401
from api.templates.models import Template  # noqa: F401
from api.versions.models import Version  # noqa: F401
from api.webhooks.models import Webhook  # noqa: F401
from common.db import Base
from common.idempotency import StoredResponse  # noqa: F401
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401

run_env(Base.metadata)
