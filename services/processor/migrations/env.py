from common.db import Base
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)
from processor.documents.models import RenderedDocument  # noqa: F401 (its table)
from processor.jobs.models import QueuedJob  # noqa: F401 (its tables)
from processor.mails.models import LoggedMail  # noqa: F401 (its tables)

run_env(Base.metadata)
