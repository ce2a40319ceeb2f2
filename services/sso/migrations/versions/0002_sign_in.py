"""Second factors, other providers, the OpenID provider, API keys, lockouts; sessions of apps."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
EMPTY = "[]"


def upgrade() -> None:
    _extend_clients()
    _extend_sessions()
    _create_ways_to_sign_in()
    _create_second_factors()
    _create_identities()
    _create_grants()
    _create_api_keys()


def _owner(*, nullable: bool = False, index: bool = True, name: str = "user_id") -> sa.Column[object]:
    user = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column(name, sa.Uuid(), user, nullable=nullable, index=index)


def _client() -> sa.Column[object]:
    client = sa.ForeignKey("oauth_clients.id", ondelete="CASCADE")
    return sa.Column("client_id", sa.String(64), client, nullable=False)


def _one_time() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False, index=True),
        sa.Column("used_at", TIME),
    ]


def _extend_clients() -> None:
    # The table is made anew on SQLite, which cannot lift NOT NULL; nothing refers to it yet.
    with op.batch_alter_table("oauth_clients") as table:
        table.alter_column("secret_sha256", existing_type=sa.LargeBinary(32), nullable=True)
    for column in (
        sa.Column("name", sa.String(100), nullable=False, server_default=""),
        sa.Column("auth_method", sa.String(32), nullable=False, server_default="client_secret_basic"),
        sa.Column("jwks", sa.JSON()),
        sa.Column("redirect_uris", sa.JSON(), nullable=False, server_default=EMPTY),
        sa.Column("post_logout_redirect_uris", sa.JSON(), nullable=False, server_default=EMPTY),
        sa.Column("backchannel_logout_uri", sa.Text()),
        sa.Column("grant_types", sa.JSON(), nullable=False, server_default='["client_credentials"]'),
        sa.Column("scopes", sa.JSON(), nullable=False, server_default=EMPTY),
        sa.Column("is_first_party", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("home_uri", sa.Text()),
        sa.Column("created_by", sa.Uuid()),
    ):
        op.add_column("oauth_clients", column)
    op.create_table(
        "used_assertions",
        sa.Column("jti_sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("expires_at", TIME, nullable=False, index=True),
    )


def _extend_sessions() -> None:
    # Column by column: a table made anew would, on SQLite, take the refresh tokens that refer to it along. That leaves
    # out a foreign key for the parent.
    for column in (
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("client_id", sa.String(64), nullable=False, server_default="resumax"),
        sa.Column("scope", sa.Text(), nullable=False, server_default="platform"),
        sa.Column("is_offline", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("amr", sa.JSON(), nullable=False, server_default='["pwd"]'),
        sa.Column("authenticated_at", TIME, nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("impersonator_id", sa.Uuid()),
    ):
        op.add_column("sessions", column)
    op.create_index("ix_sessions_parent_id", "sessions", ["parent_id"])
    op.create_index("ix_sessions_impersonator_id", "sessions", ["impersonator_id"])
    op.execute("UPDATE sessions SET authenticated_at = created_at")


def _create_ways_to_sign_in() -> None:
    op.create_table(
        "account_lockouts",
        sa.Column("key_sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", TIME),
        sa.Column("last_failed_at", TIME, nullable=False, index=True),
        sa.Column("told_owner_at", TIME),
    )
    op.create_table("password_resets", *_one_time(), _owner())
    op.create_table("magic_links", *_one_time(), _owner(), sa.Column("continue_to", sa.Text()))
    op.create_table(
        "login_challenges",
        *_one_time(),
        _owner(),
        sa.Column("amr", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )


def _create_second_factors() -> None:
    op.create_table(
        "totp_secrets",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=False),
    )
    op.create_table(
        "totp_setups",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _owner(),
        sa.Column("hashed", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _owner(),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("is_backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("disabled_at", TIME),
    )
    op.create_table(
        "passkey_challenges",
        *_one_time(),
        _owner(nullable=True, index=False),
        sa.Column("purpose", sa.String(16), nullable=False),
    )


def _create_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _owner(),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "oauth_states",
        *_one_time(),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("browser_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("code_verifier", sa.String(128), nullable=False),
        sa.Column("continue_to", sa.Text(), nullable=False),
        _owner(nullable=True, index=False, name="link_user_id"),
    )


def _create_grants() -> None:
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "authorization_codes",
        *_one_time(),
        _client(),
        _owner(),
        sa.Column("session_id", sa.Uuid(), session, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text()),
        sa.Column("code_challenge", sa.String(128), nullable=False),
        sa.Column("granted_session_id", sa.Uuid()),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _owner(index=False),
        _client(),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.UniqueConstraint("user_id", "client_id"),
    )
    op.create_table(
        "device_codes",
        *_one_time(),
        sa.Column("user_code_hash", sa.LargeBinary(32), nullable=False, unique=True),
        _client(),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _owner(nullable=True, index=False),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("sessions.id", ondelete="CASCADE")),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("last_polled_at", TIME),
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("decided_at", TIME),
    )
    op.create_table(
        "backchannel_logouts",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _client(),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False, index=True),
        sa.Column("created_at", TIME, nullable=False),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _owner(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("hint", sa.String(8), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
    )
