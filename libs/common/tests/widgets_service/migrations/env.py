from common.db import Base
from common.idempotency import StoredResponse  # noqa: F401 (its table)
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)

run_env(Base.metadata)
