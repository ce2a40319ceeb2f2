"""The hash chain of the audit log: whoever changes, drops or inserts an entry has to change every one after it.

An entry's hash is SHA-256 over the hash of the one before it, a newline, and the entry as JSON with sorted keys and
no spaces; the first continues `GENESIS`. All hashes are lower-case hex. Anybody who has the entries can check them.
"""

import hashlib

import msgspec

from admin.audit.models import AuditEntry

GENESIS = "0" * 64


def hash_of(entry: AuditEntry) -> str:
    """The hash that `entry` must have. Times are covered to the microsecond."""
    content = {
        "id": entry.id,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actorId": str(entry.actor_id),
        "action": entry.action,
        "target": entry.target,
        "reason": entry.reason,
        "outcome": entry.outcome,
        "detail": entry.detail,
        "requestId": entry.request_id,
    }
    canonical = msgspec.json.encode(content, order="sorted")
    return hashlib.sha256(entry.previous_hash.encode() + b"\n" + canonical).hexdigest()


def fault(entry: AuditEntry, previous: AuditEntry | None) -> str | None:
    """What is wrong with `entry` where it stands, in words; None if it rightly follows `previous`."""
    expected = previous.id + 1 if previous else 1
    if entry.id != expected:
        return f"entry {expected} is missing"
    if entry.previous_hash != (previous.hash if previous else GENESIS):
        return "it does not continue the entry before it"
    if entry.hash != hash_of(entry):
        return "its content was changed"
    return None
