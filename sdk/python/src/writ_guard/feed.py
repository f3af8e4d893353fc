"""Follows the feed of revocations: first page by page, then as a stream of server-sent events."""

import asyncio
import json
import logging
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from .revocations import Revocations
from .types import Claims

log = logging.getLogger("writ_guard")

_GONE = 410
_PRUNE_SECONDS = 60


class _NotServed(Exception):
    """Writ does not tell the client of the guard about revocations of the API's tokens."""


class Feed:
    """What is known of revocations. `run` belongs to one event loop; everything else can be called from any thread."""

    def __init__(
        self,
        *,
        url: str,
        resource: str,
        http: httpx.AsyncClient,
        max_lag: float,
        longest_lifetime: float | None,
        on_change: Callable[[], None],
    ) -> None:
        self._url = url
        self._resource = resource
        self._http = http
        self._max_lag = max_lag
        self._longest_lifetime = longest_lifetime
        self._on_change = on_change
        self._window = longest_lifetime or 0.0
        self._heard_at = float("-inf")
        self._is_complete = False
        self._is_lost = False
        self._revocations = Revocations()
        self.position: int | None = None
        """The number of the last change that is known."""

    @property
    def is_current(self) -> bool:
        """Whether all revocations are known, up to `max_lag` ago."""
        return self._is_complete and time.monotonic() - self._heard_at <= self._max_lag

    def revokes(self, claims: Claims, kid: str | None) -> bool:
        return self._revocations.revokes(claims, kid)

    def reaches(self, claims: Claims) -> bool:
        """Whether the feed tells everything about a JWT: not if it was issued before the oldest change that is kept, nor if it
        lives longer than the API says."""
        issued_at = claims.get("iat", 0)
        lifetime = claims.get("exp", 0) - issued_at
        is_short = self._longest_lifetime is None or lifetime <= self._longest_lifetime
        return issued_at >= time.time() - self._window and is_short

    async def run(self) -> None:
        """Follows until it is cancelled."""
        watching = asyncio.ensure_future(self._watch())
        failures = 0
        try:
            while True:
                try:
                    await self._catch_up()
                    failures = 0
                    await self._stream()
                # Whatever it is, the feed has to be followed again.
                except Exception as error:
                    if (
                        isinstance(error, httpx.HTTPStatusError)
                        and error.response.status_code == _GONE
                    ):
                        self._forget()
                    else:
                        # Meanwhile Writ passes over changes of the API.
                        if isinstance(error, _NotServed):
                            self._start_over()
                        failures += 1
                        log.warning("The feed of revocations was interrupted: %r", error)
                await asyncio.sleep(min(5, 0.2 * 2**failures) * random.uniform(0.5, 1))
        finally:
            watching.cancel()

    async def _catch_up(self) -> None:
        more = True
        while more:
            params = {}
            if self.position is not None:
                params["after"] = self.position
            elif self._longest_lifetime is not None:
                params["max_age"] = math.ceil(self._longest_lifetime)
            response = await self._http.get(self._url, params=params)
            page = response.raise_for_status().json()
            for change in page["items"]:
                self._learn(change)
            self._window = self._longest_lifetime or page["retention"]
            self._hear_about(page)
            more = page["more"]
        self._is_complete = True
        if self._is_lost:
            self._is_lost = False
            log.warning("The feed of revocations is followed again.")

    async def _stream(self) -> None:
        headers = {"accept": "text/event-stream", "last-event-id": str(self.position)}
        # Writ gives a sign of life every five seconds.
        timeout = httpx.Timeout(5, read=15)
        async with self._http.stream(
            "GET", self._url, headers=headers, timeout=timeout
        ) as response:
            response.raise_for_status()
            async for event, data in events_of(response.aiter_lines()):
                if event == "gap":
                    self._forget()
                    return
                if event == "change":
                    self._learn(data)
                    self._hear(data["number"])
                elif event == "alive":
                    self._hear_about(data)

    def _learn(self, change: dict[str, Any]) -> None:
        self._revocations.apply(change)
        self._on_change()

    def _hear(self, last: int) -> None:
        self.position = max(self.position or 0, last)
        self._heard_at = time.monotonic()

    def _hear_about(self, told: dict[str, Any]) -> None:
        """What Writ says about the feed, in a page and in a sign of life. Raises _NotServed."""
        if self._resource not in told.get("resources", []):
            raise _NotServed(
                f"The client is not the resource server of {self._resource} (resource_server_for)."
            )
        self._hear(told["last"])

    def _start_over(self) -> None:
        """The next page is the first again."""
        self._is_complete = False
        self.position = None

    def _forget(self) -> None:
        self._start_over()
        self._revocations = Revocations()
        self._on_change()

    async def _watch(self) -> None:
        """Says once that the feed is lost, and forgets what no longer matters."""
        pruned_at = time.monotonic()
        while True:
            await asyncio.sleep(1)
            if time.monotonic() - pruned_at > _PRUNE_SECONDS:
                pruned_at = time.monotonic()
                self._revocations.prune(time.time() - self._window - 300)
            if not (self.is_current or self._is_lost or self.position is None):
                self._is_lost = True
                log.error("The feed of revocations is lost.")


async def events_of(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    """The name and the data of server-sent events, as Writ sends them: one line of data each."""
    event, data = "message", None
    async for line in lines:
        name, _, value = line.partition(":")
        if line == "":
            if data is not None:
                yield event, json.loads(data)
            event, data = "message", None
        elif name == "event":
            event = value.removeprefix(" ")
        elif name == "data":
            data = value
