"""From a password that somebody chose to the hash that is stored."""

from sso.passwords import policy
from sso.passwords.breaches import BreachedPasswords
from sso.passwords.hashing import Passwords
from sso.passwords.policy import PasswordRefused, as_hashed
from sso.settings import Settings


class NewPasswords:
    """Accepts new passwords. Never call it inside a transaction: it asks over the network, and a hash takes time."""

    def __init__(self, settings: Settings, passwords: Passwords) -> None:
        self._min_length = settings.password_min_length
        self._passwords = passwords
        self._breached = BreachedPasswords(settings.breached_passwords_url)

    async def close(self) -> None:
        await self._breached.close()

    async def accept(self, password: str, *, email: str, name: str) -> str:
        """The hash of `password` for the account with `email` and `name`. Raises PasswordRefused, or HashingBusy."""
        await self.check(password, email=email, name=name)
        async with self._passwords.place():
            return await self._passwords.hash(password)

    async def check(self, password: str, *, email: str, name: str, field: str = "password") -> None:
        """Raises PasswordRefused, about `field`, unless the account with `email` and `name` may have `password`."""
        policy.check(password, email=email, name=name, min_length=self._min_length, field=field)
        if await self._breached.contain(as_hashed(password)):
            detail = "This password is in a list of passwords that were stolen elsewhere."
            raise PasswordRefused("breached", detail, field=field)
