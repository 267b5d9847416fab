"""What a server holds that has been used for a while, and the requests its people make of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.server import Server

PEOPLE: Final = 50
POSTS: Final = 300
MESSAGES: Final = 300
"""In the conversation that is read."""
CONVERSATIONS: Final = 40
MEETINGS: Final = 60
PAGE: Final = 30
PASSWORD: Final = "a password to measure with"  # noqa: S105
TEXT: Final = "Some *Markdown* as people write it, with a [link](https://example.com).\n\n" * 10


@dataclass(frozen=True, slots=True)
class Kind:
    """Requests that ask for the same of different things."""

    name: str
    requests: Sequence[bytes]
    reads: bool = True
    slow: bool = False
    """Dear on purpose: a password is checked."""


class Town:
    """Ada has written, talked and met most. All is made by the API, as everybody else would."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._host = server.url.removeprefix("http://")
        accounts = [self._sign_up(number) for number in range(PEOPLE)]
        self._people = [int(account["user"]["id"]) for account in accounts]
        self._emails = [str(account["user"]["email"]) for account in accounts]
        self._token = str(accounts[0]["token"])
        self._posts = [
            self._made("/blogs", {"title": f"Week {number}", "content": TEXT, "published": True})
            for number in range(POSTS)
        ]
        self._conversations = [
            self._made(
                "/conversations",
                {"kind": "group", "title": f"Group {number}", "user_ids": self._people[1:6]},
            )
            for number in range(CONVERSATIONS)
        ]
        self._messages = f"/conversations/{self._conversations[0]}/messages"
        for number in range(MESSAGES):
            self._made(self._messages, {"content": f"message {number}"})
        for number in range(MEETINGS):
            self._made("/meetings", {"title": f"Meeting {number}"})

    def kinds(self) -> list[Kind]:
        post: dict[str, object] = {"title": "News", "content": TEXT, "published": True}
        posts = [f"/blogs/{number}" for number in self._posts]
        return [
            Kind("who I am", self._reads("/users/me")),
            Kind("search of people", self._reads(f"/users?search=person&limit={PAGE}")),
            Kind("page of posts", self._reads(f"/blogs?limit={PAGE}")),
            Kind("search in posts", self._reads(f"/blogs?search=week+17&limit={PAGE}")),
            Kind("one post", self._reads(*posts)),
            Kind("my conversations", self._reads(f"/conversations?limit={PAGE}")),
            Kind("page of messages", self._reads(f"{self._messages}?limit={PAGE}")),
            Kind("my meetings", self._reads(f"/meetings?limit={PAGE}")),
            Kind(
                "say something", self._writes("POST", {"content": "hello"}, self._messages), False
            ),
            Kind("write a post", self._writes("POST", post, "/blogs"), False),
            Kind("edit a post", self._writes("PATCH", {"content": TEXT}, *posts), False),
            Kind("new meeting", self._writes("POST", {"title": "Tea"}, "/meetings"), False),
            Kind("sign in", self._sign_ins(), False, slow=True),
        ]

    def _sign_up(self, number: int) -> dict[str, Any]:
        email = f"{secrets.token_hex(8)}@example.com"
        body: dict[str, object] = {
            "email": email,
            "password": PASSWORD,
            "name": f"Person {number}",
        }
        return self._server.post("/auth/signup", body)

    def _made(self, path: str, body: dict[str, object]) -> int | str:
        made: int | str = self._server.post(path, body, self._token)["id"]
        return made

    def _sign_ins(self) -> list[bytes]:
        """Everybody's, since several at once by one account are taken for guesses."""
        return [
            self._request("POST", "/auth/login", {"email": email, "password": PASSWORD})
            for email in self._emails
        ]

    def _reads(self, *paths: str) -> list[bytes]:
        return [self._request("GET", path) for path in paths]

    def _writes(self, method: str, body: dict[str, object], *paths: str) -> list[bytes]:
        return [self._request(method, path, body) for path in paths]

    def _request(self, method: str, path: str, body: dict[str, object] | None = None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {
            "Host": self._host,
            "Authorization": f"Bearer {self._token}",
            "Content-Length": str(len(content)),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method == "PATCH":
            headers["If-Match"] = "*"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
        return "\r\n".join([*lines, "", ""]).encode() + content
