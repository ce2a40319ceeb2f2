from admin.audit.models import AuditEntry  # noqa: F401 (its table)
from admin.roles.models import Role  # noqa: F401 (the tables of its module)
from admin.staff.models import AdminUser  # noqa: F401 (its table)
from common.db import Base
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)

run_env(Base.metadata)
