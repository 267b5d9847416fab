"""Writing to conversations: one thing after the other in each, so that it is told in
the order of its revisions too.

Messages that wait for the same conversation are written together: the more come in, the less each
costs. After that the conversation rests a while, by how many it was told to, so that more may
gather. So many may wait, further ones are refused.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from db.messages import Draft
from signaling.errors import RequestError

T = TypeVar("T")
R = TypeVar("R")

MAX_WAITING = 512
"""In one conversation."""
MAX_TOGETHER = 128
"""Messages in one transaction."""

Send = Callable[[int, Sequence[Draft]], Awaitable[Sequence[R]]]
"""Writes drafts to a conversation and tells of it; one result for each."""
Rest = Callable[[int], float]
"""Seconds a conversation rests after it was told of something."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    act: Draft | Callable[[], Awaitable[Any]]
    done: asyncio.Future[Any]
    context: Context = field(default_factory=copy_context)
    """Of whoever wants it, so that it is logged and traced as his."""

    def settle(self, result: object) -> None:
        if not self.done.done():  # nobody may be waiting any more
            self.done.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Lanes(Generic[R]):
    def __init__(self, send: Send[R], rest: Rest) -> None:
        self._send = send
        self._rest = rest
        self._waiting: dict[int, deque[_Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, conversation_id: int, draft: Draft) -> R:
        """Raises RequestError where too much waits, and what `Send` raises."""
        result: R = await self._queued(conversation_id, draft)
        return result

    async def do(self, conversation_id: int, act: Callable[[], Awaitable[T]]) -> T:
        """Anything else that has its place among the messages."""
        result: T = await self._queued(conversation_id, act)
        return result

    async def close(self) -> None:
        """What is under way fails."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queued(
        self, conversation_id: int, act: Draft | Callable[[], Awaitable[Any]]
    ) -> asyncio.Future[Any]:
        job = _Job(act, asyncio.get_running_loop().create_future())
        waiting = self._waiting.get(conversation_id)
        if waiting is None:
            waiting = self._waiting[conversation_id] = deque()
            task = asyncio.create_task(self._work(conversation_id, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(waiting) >= MAX_WAITING:
            raise RequestError("unavailable", "Too much is being said here; please try again.")
        waiting.append(job)
        return job.done

    async def _work(self, conversation_id: int, waiting: deque[_Job]) -> None:
        together: list[_Job] = []
        try:
            while waiting:
                together = _next(waiting)
                try:
                    results = await asyncio.create_task(
                        self._done(conversation_id, together), context=together[0].context
                    )
                except Exception as error:
                    for job in together:
                        job.fail(error)
                else:
                    for job, result in zip(together, results, strict=True):
                        job.settle(result)
                    await asyncio.sleep(self._rest(conversation_id))
        finally:
            del self._waiting[conversation_id]
            for job in (*together, *waiting):
                job.fail(RequestError("unavailable", "The server stops; please try again."))

    async def _done(self, conversation_id: int, together: Sequence[_Job]) -> Sequence[object]:
        drafts = [job.act for job in together if isinstance(job.act, Draft)]
        if drafts:
            return await self._send(conversation_id, drafts)
        return [await job.act() for job in together if not isinstance(job.act, Draft)]


def _next(waiting: deque[_Job]) -> list[_Job]:
    """As many messages as may go together, or one of anything else."""
    together = [waiting.popleft()]
    if isinstance(together[0].act, Draft):
        while waiting and isinstance(waiting[0].act, Draft) and len(together) < MAX_TOGETHER:
            together.append(waiting.popleft())
    return together
