"""Argon2id (RFC 9106), one hash to one thread.

How many lanes a hash has is part of it; on how many threads they are computed is not. The library starts one for each
lane, which makes a single hash quicker where cores are idle. But here as many hashes run at once as there are cores,
and then those threads only wait for each other: beside other work 200 sign-ins took half as long again, and the event
loop answered later.
"""

import base64
import hmac
import secrets

from argon2 import Parameters, extract_parameters
from argon2.low_level import ARGON2_VERSION, Type, core, error_to_str, ffi

_SALT, _HASH = 16, 32
"""Bytes, as RFC 9106 section 4 has them."""


def parameters(*, time: int, memory_kib: int, lanes: int) -> Parameters:
    return Parameters(Type.ID, ARGON2_VERSION, _SALT, _HASH, time, memory_kib, lanes)


def hashed(secret: bytes, wanted: Parameters) -> str:
    """The encoded hash of `secret` with a new salt: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`."""
    salt = secrets.token_bytes(wanted.salt_len)
    cost = f"m={wanted.memory_cost},t={wanted.time_cost},p={wanted.parallelism}"
    return f"$argon2id$v={wanted.version}${cost}${_encoded(salt)}${_encoded(_raw(secret, salt, wanted))}"


def matches(secret: bytes, known: str) -> bool:
    """Whether the encoded hash `known` is of `secret`. Raises argon2's InvalidHash if it is none."""
    used = extract_parameters(known)
    salt, expected = (_decoded(part) for part in known.split("$")[-2:])
    return hmac.compare_digest(_raw(secret, salt, used), expected)


def _raw(secret: bytes, salt: bytes, wanted: Parameters) -> bytes:
    out = ffi.new("uint8_t[]", wanted.hash_len)
    held = [
        ffi.new("uint8_t[]", text) for text in (secret, salt)
    ]  # for as long as the context points to them
    context = ffi.new("argon2_context *")
    context.version, context.lanes, context.threads = wanted.version, wanted.parallelism, 1
    context.t_cost, context.m_cost = wanted.time_cost, wanted.memory_cost
    context.out, context.outlen = out, wanted.hash_len
    context.pwd, context.pwdlen = held[0], len(secret)
    context.salt, context.saltlen = held[1], len(salt)
    if code := core(context, wanted.type.value):
        raise MemoryError(error_to_str(code))
    return bytes(ffi.buffer(out, wanted.hash_len))


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
