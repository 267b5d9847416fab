"""kill -9 in the middle of a flood: what was answered is there afterwards, and nothing twice."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio

from benchmarks.signaling_client import SignalingClient, SignalingError
from tests.support.tertulia import Tertulia
from tests.support.waiting import Waiting

JsonObject = dict[str, Any]
ENOUGH = 400
"""Answers before the server is killed."""


@dataclass
class Speaker:
    """Says one thing after the other, over `/ws` or HTTP, until there is no answer."""

    server: Tertulia
    token: str
    place: int
    http: aiohttp.ClientSession
    name: str
    over_http: bool
    answered: dict[str, JsonObject] = field(default_factory=dict)
    """Messages by key."""
    unanswered: list[str] = field(default_factory=list)

    async def flood(self, answer: Waiting) -> None:
        client = None
        if not self.over_http:
            client = await SignalingClient.connect(self.http, f"{self.server.url}/ws")
            await client.authenticate(self.token)
        for number in count():
            key = f"{self.name}-{number}"
            try:
                self.answered[key] = await self.say(key, client)
            except (SignalingError, aiohttp.ClientError):
                self.unanswered.append(key)
                return
            answer.notify()

    async def say(self, key: str, client: SignalingClient | None = None) -> JsonObject:
        body = {"content": f"I am {key}", "client_key": key}
        if client:
            result = await client.request("send_message", conversation_id=self.place, **body)
            message: JsonObject = result["message"]
            return message
        path = f"/conversations/{self.place}/messages"
        message = await self.server.request("POST", path, body, self.token)
        return message


@pytest_asyncio.fixture
async def http() -> Any:  # noqa: ANN401
    async with aiohttp.ClientSession() as session:
        yield session


async def test_kill_9_in_a_flood(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    server = Tertulia(tmp_path, {"RATE_LIMITS": "off"})
    await server.start()
    try:
        tokens = [await server.sign_up(name) for name in ("Ada", "Ben")]
        place = await group(server, tokens)
        listener = await SignalingClient.connect(http, f"{server.url}/ws")
        await listener.authenticate(tokens[1])
        heard: list[JsonObject] = []
        listener.on_message = heard.append
        speakers = [
            Speaker(server, tokens[n % 2], place, http, f"{n}", over_http=n < 2) for n in range(8)
        ]
        answer = Waiting()
        floods = [asyncio.create_task(speaker.flood(answer)) for speaker in speakers]
        await answer.until(lambda: sum(len(s.answered) for s in speakers) >= ENOUGH)
        await server.kill()
        await asyncio.gather(*floods)
        assert is_durable(tmp_path / "data")

        await server.start()
        stored = await history(server, place, tokens[0])
        by_key = {message["client_key"]: message for message in stored}
        answered = {key: m for speaker in speakers for key, m in speaker.answered.items()}
        unanswered = [(speaker, key) for speaker in speakers for key in speaker.unanswered]
        assert len(by_key) == len(stored)
        assert answered.items() <= by_key.items()
        assert by_key.keys() <= answered.keys() | {key for _, key in unanswered}
        assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1))

        told = [message["message"] for message in heard]
        last = told[-1]["revision"]
        assert told == stored[:last]
        missed = await history(server, place, tokens[1], f"changed_after={last}")
        assert missed == stored[last:]

        for speaker, key in unanswered:
            again = await speaker.say(key)
            assert again == by_key.get(key, again)
        finally_ = await history(server, place, tokens[1])
        expected = Counter(answered.keys() | {key for _, key in unanswered})
        assert Counter(message["client_key"] for message in finally_) == expected
    finally:
        await server.stop()


async def group(server: Tertulia, tokens: list[str]) -> int:
    me = await server.request("GET", "/users/me", token=tokens[1])
    body = {"kind": "group", "title": "Flood", "user_ids": [me["id"]]}
    number: int = (await server.request("POST", "/conversations", body, tokens[0]))["id"]
    return number


async def history(
    server: Tertulia, place: int, token: str, query: str = "changed_after=0"
) -> list[JsonObject]:
    """All pages, the oldest first."""
    found: list[JsonObject] = []
    path = f"/conversations/{place}/messages?limit=100&{query}"
    page = await server.request("GET", path, token=token)
    while True:
        found += page["items"]
        if page["next"] is None:
            return found
        page = await server.request("GET", f"{path}&after={page['next']}", token=token)


def is_durable(data: Path) -> bool:
    """Nobody has told this PostgreSQL to forget, as the other tests' is told."""
    (settings, *more) = data.rglob("postgresql*.conf")
    text = "\n".join(file.read_text() for file in (settings, *more))
    return not re.search(r"^\s*(fsync|synchronous_commit|full_page_writes)\b", text, re.MULTILINE)
