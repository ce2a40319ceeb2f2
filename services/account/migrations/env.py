from account.profiles.models import Profile  # noqa: F401 (its table)
from common.db import Base
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)

run_env(Base.metadata)
