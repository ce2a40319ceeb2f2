"""The types of the fixtures that are functions."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from common.contracts.jobs import JobEvent
from common.db import Base
from common.testing.processes import Process
from processor.settings import Settings

MakeProcessorSettings = Callable[..., Settings]
StartProcessor = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]
Spawn = Callable[[Settings, list[str]], Process]
StartProcess = Callable[[Settings], Process]
Rows = Callable[[Settings, type[Base]], Awaitable[list[Any]]]
SendMail = Callable[..., Awaitable[JobEvent]]
ReadMailLog = Callable[..., Awaitable[list[dict[str, Any]]]]
