"""URLs that allow one upload to S3: Signature Version 4 in the query, over headers too.

`minio` signs the host alone, so whoever had its URL could store any number of bytes of any type. Here length and type are
signed headers: the storage computes the signature from what really came, and refuses everything else.
"""

import hashlib
import hmac
from urllib.parse import quote, urlsplit

from common.ids import now
from common.settings import SharedSettings

_ALGORITHM = "AWS4-HMAC-SHA256"


class Presigner:
    """Signs for the address of the storage that browsers use."""

    def __init__(self, settings: SharedSettings) -> None:
        self._address = urlsplit(settings.s3_browser_url)
        self._access_key, self._secret_key = settings.s3_access_key, settings.s3_secret_key
        self._region = settings.s3_region

    def put(self, bucket: str, key: str, *, headers: dict[str, str], seconds: int) -> str:
        """A URL for `PUT`, valid for `seconds`, to be used with exactly these `headers`."""
        at = now().strftime("%Y%m%dT%H%M%SZ")
        scope = f"{at[:8]}/{self._region}/s3/aws4_request"
        signed = {"host": self._address.netloc} | {name.lower(): value for name, value in headers.items()}
        names = ";".join(sorted(signed))
        query = _query(
            {
                "X-Amz-Algorithm": _ALGORITHM,
                "X-Amz-Credential": f"{self._access_key.reveal()}/{scope}",
                "X-Amz-Date": at,
                "X-Amz-Expires": str(seconds),
                "X-Amz-SignedHeaders": names,
            }
        )
        path = f"{self._address.path.rstrip('/')}/{bucket}/{quote(key, safe='/-_.~')}"
        lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
        request = f"PUT\n{path}\n{query}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
        to_sign = f"{_ALGORITHM}\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.new(self._key(scope), to_sign.encode(), hashlib.sha256).hexdigest()
        return f"{self._address.scheme}://{self._address.netloc}{path}?{query}&X-Amz-Signature={signature}"

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self._secret_key.reveal()}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def _query(parameters: dict[str, str]) -> str:
    return "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(parameters.items()))
