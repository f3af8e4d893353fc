"""Introspection (RFC 7662): while two requests are open, further tokens wait and share the next one."""

import asyncio
import json

import httpx

from .types import Claims, Unavailable

# Bounds of one request, as the endpoint has them.
_MAX_TOKENS = 100
_MAX_BYTES = 50_000
_IN_FLIGHT = 2


class Introspection:
    """Asks Writ about tokens. All methods belong to one event loop."""

    def __init__(self, *, url: str, batch_url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._batch_url = batch_url
        self._http = http
        self._waiting: dict[str, asyncio.Future[Claims]] = {}
        self._in_flight = 0
        self._has_batches = True
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, token: str) -> Claims:
        """The introspection response. Raises Unavailable."""
        future = self._waiting.get(token)
        if future is None:
            loop = asyncio.get_running_loop()
            future = self._waiting[token] = loop.create_future()
            loop.call_soon(self._send_waiting)
        return await asyncio.shield(future)

    def _send_waiting(self) -> None:
        # While requests are on their way, further tokens gather for the next one.
        while self._waiting and self._in_flight < _IN_FLIGHT:
            batch = self._next_batch()
            self._in_flight += 1
            task = asyncio.ensure_future(self._send(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next_batch(self) -> dict[str, asyncio.Future[Claims]]:
        batch: dict[str, asyncio.Future[Claims]] = {}
        size = 0
        while self._waiting and len(batch) < _MAX_TOKENS:
            token = next(iter(self._waiting))
            size += len(token) + 3
            if batch and size > _MAX_BYTES:
                break
            batch[token] = self._waiting.pop(token)
        return batch

    async def _send(self, batch: dict[str, asyncio.Future[Claims]]) -> None:
        try:
            answers = await self._ask_all(list(batch))
            for future, answer in zip(batch.values(), answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            for future in batch.values():
                if not future.done():
                    future.set_exception(Unavailable(f"introspection failed: {error!r}"))
                    future.exception()
        finally:
            self._in_flight -= 1
            self._send_waiting()

    async def _ask_all(self, tokens: list[str]) -> list[Claims]:
        if self._has_batches and len(tokens) > 1:
            response = await self._http.post(
                self._batch_url,
                content=json.dumps({"tokens": tokens}),
                headers={"content-type": "application/json"},
            )
            if response.status_code != 404:
                return response.raise_for_status().json()["tokens"]
            # An older Writ introspects one by one.
            self._has_batches = False
        return list(await asyncio.gather(*map(self._ask_one, tokens)))

    async def _ask_one(self, token: str) -> Claims:
        response = await self._http.post(self._url, data={"token": token})
        return response.raise_for_status().json()
