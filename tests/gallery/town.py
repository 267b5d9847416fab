"""What a server holds that a club has used for a while. All is made by the HTTP API."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.gallery.portraits import SITTERS, Sitter, draw_person, draw_room
from tests.support.tertulia import Tertulia

_POSTS = (
    (
        5,
        "Why we meet on Thursdays",
        "It began with five chairs and one lamp.\n\n"
        "## The table\n\nWhoever comes sits down. Nobody has to prepare anything, and nobody is "
        "asked to leave before the last word is said.\n\n"
        "> A good evening needs three things: somebody who asks, somebody who doubts, and tea.\n\n"
        "1. We begin at **eight**.\n2. We end when we end.\n3. Guests are welcome.\n",
    ),
    (
        7,
        "Reading list for the winter",
        "Four books, one of them short. Bring what you marked, and what annoyed you.\n\n"
        "- *The Waves*\n- *Invisible Cities*\n- *The Periodic Table*\n- *Pereira Maintains*\n",
    ),
    (
        1,
        "Notes from the workshop",
        "We soldered, burnt two fingers and one cable, and have a radio now.\n\n"
        "```python\nfor station in dial:\n    listen(station)\n```\n",
    ),
)
_TALK = (
    (7, "Shall we read *Invisible Cities* first?"),
    (0, "Yes! It is short, and everybody finds a city of their own in it."),
    (5, "I have two copies to lend."),
    (7, "Then it is settled. See you on Thursday at eight."),
)


class Town:
    """People by their number in `SITTERS`; the first administers."""

    def __init__(self, server: Tertulia) -> None:
        self._server = server
        self.tokens: list[str] = []
        self.ids: list[int] = []
        self.group = 0
        self.post = 0

    async def build(self) -> None:
        for sitter in SITTERS:
            await self._sign_up(sitter)
        await self._server.administer("promote", "ana.ruiz@example.com")
        for author, title, content in _POSTS:
            post = {"title": title, "content": content, "published": True}
            self.post = (await self._ask("/blogs", post, author))["id"]
        await self._talk()
        tomorrow = datetime.now(UTC).replace(minute=0, second=0) + timedelta(days=1)
        for title, days in (("Thursday tertulia", 2), ("Radio workshop", 5), ("Committee", 0)):
            starts = (tomorrow + timedelta(days=days)).isoformat()
            await self._ask("/meetings", {"title": title, "starts_at": starts}, 0)

    async def _sign_up(self, sitter: Sitter) -> None:
        name = sitter.name.lower().replace(" ", ".")
        account = {"email": f"{name}@example.com", "password": "password123", "name": sitter.name}
        made = await self._server.request("POST", "/auth/signup", account)
        self.tokens.append(made["token"])
        self.ids.append(made["user"]["id"])
        headers = {"Authorization": f"Bearer {made['token']}", "Content-Type": "image/png"}
        async with (
            aiohttp.ClientSession(self._server.url, raise_for_status=True) as client,
            client.put("/users/me/avatar", data=_picture(sitter), headers=headers),
        ):
            pass

    async def _talk(self) -> None:
        group = {"kind": "group", "title": "Reading circle", "user_ids": [self.ids[5], self.ids[7]]}
        self.group = (await self._ask("/conversations", group, 0))["id"]
        for place, content in ((2, "The hall is ours from seven."), (8, "I bring the tea.")):
            direct = {"kind": "direct", "user_id": self.ids[0]}
            made = await self._ask("/conversations", direct, place)
            await self._say(made["id"], place, content)
        for author, content in _TALK:
            await self._say(self.group, author, content)

    async def _say(self, conversation: int, author: int, content: str) -> None:
        await self._ask(f"/conversations/{conversation}/messages", {"content": content}, author)

    async def _ask(self, path: str, body: dict[str, Any], person: int) -> dict[str, Any]:
        answer: dict[str, Any] = await self._server.request("POST", path, body, self.tokens[person])
        return answer


def _picture(sitter: Sitter) -> bytes:
    """Of the face."""
    image, person = draw_room(sitter, 640, 360), draw_person(sitter, 640, 360)
    image.paste(person, (0, 0), person)
    middle = round(640 * (0.5 + sitter.aside))
    file = io.BytesIO()
    image.crop((middle - 130, 30, middle + 130, 290)).save(file, "PNG")
    return file.getvalue()
