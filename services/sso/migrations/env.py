from common.db import Base
from common.migrations import run_env
from common.outbox import OutboxRow  # noqa: F401 (its table)
from sso.clients.models import OAuthClient  # noqa: F401 (the import makes the table known, here and below)
from sso.keys.models import SigningKey  # noqa: F401
from sso.logins.models import LoginAttempt  # noqa: F401
from sso.security_events.models import SecurityEvent  # noqa: F401
from sso.sessions.models import RefreshToken, Session  # noqa: F401
from sso.users.models import User  # noqa: F401
from sso.verifications.models import EmailVerification  # noqa: F401

run_env(Base.metadata)
