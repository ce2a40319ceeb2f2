"""How deliveries are signed: Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), symmetric.

The secret has to be at hand for that, so it cannot be hashed: it is sealed, bound to its webhook.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from datetime import datetime
from uuid import UUID

from api.webhooks.models import Delivery, Webhook
from common.sealing import MasterKey, Sealer

PREFIX = "whsec_"
_BYTES = 32  # the specification wants 24 to 64


class WebhookSecrets:
    def __init__(self, master: MasterKey) -> None:
        self._sealer = Sealer(master, "webhook-secrets")

    def seal(self, secret: str, *, webhook_id: UUID) -> bytes:
        return self._sealer.seal(secret.encode(), owner=webhook_id.bytes)

    def headers(self, webhook: Webhook, delivery: Delivery, *, at: datetime) -> dict[str, str]:
        """The signed headers of an attempt at `at`. Raises WrongEncryptionKey."""
        message_id, timestamp = str(delivery.id), str(int(at.timestamp()))
        sealed = [webhook.secret]
        if webhook.previous_secret and webhook.previous_until and webhook.previous_until > at:
            sealed.append(webhook.previous_secret)
        known = [self._sealer.open(each, owner=webhook.id.bytes).decode() for each in sealed]
        signed = f"{message_id}.{timestamp}.{delivery.body}".encode()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(signature(secret, signed) for secret in known),
        }


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, signed: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of what is signed: id, timestamp and body, with dots between them."""
    key = b64decode(secret.removeprefix(PREFIX))
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
