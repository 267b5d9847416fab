"""What people do with the page, and what they then see and hear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from playwright.async_api import WebSocketRoute

from tests.support.browser import Page
from tests.support.chromium import ChromiumPage
from tests.support.people import HEIGHT, Person
from tests.support.tertulia import Tertulia

MORE = 15
"""Frames after which a picture counts as moving; more than a second of the fake cameras."""

PLEAS = """window.tertulia.pc().getStats().then((report) => [...report.values()]
  .filter((entry) => entry.type === "inbound-rtp" && entry.kind === "video")
  .reduce((sum, entry) => sum + entry.pliCount, 0))"""
"""How often the decoder could not go on and asked for a keyframe."""
_CAMERA = """[...window.tertulia.session.state.get().roster.values()]
  .find((one) => one.name === '%s')?.tracks.find((track) => track.source === 'camera')?.id"""


async def sign_up(server: Tertulia, page: Page, person: Person) -> None:
    await page.open(f"{server.url}/signup")
    await page.fill("Your name", person.name)
    await page.fill("Email", f"{person.name.lower()}@example.com")
    await page.fill("Password", "password123")
    await page.click("Create account")


async def create_meeting(page: Page) -> str:
    """By somebody signed in, who enters it. Its link."""
    await page.click("New meeting")
    await page.click("Join")
    await page.until("window.tertulia?.session.state.get().meeting?.invite_url")
    link: str = await page.evaluate("location.href")
    return link


async def join_as_guest(page: Page, link: str, name: str) -> None:
    await page.open(link)
    await enter(page, name)


async def enter(page: Page, name: str) -> None:
    """From where one sees oneself and gives a name."""
    await page.fill("Your name", name)
    await page.click("Join")
    await page.until(f"probe.names().includes('{name}')")


async def sees(page: Page, name: str, source: str = "camera") -> None:
    """Wait until that picture moves, with that person's face if it has one."""
    face = "anyFrames" if source == "screen" else "frames"
    await more_frames(page, f"probe.{face}('{name}', '{source}')")


async def more_frames(page: Page, counter: str, more: int = MORE) -> None:
    before = await page.evaluate(counter)
    await page.until(f"{counter} >= {before + more}")


async def sees_and_hears(page: Page, *people: Person) -> None:
    for person in people:
        await sees(page, person.name)
        await page.until(f"probe.hears({person.tone})")
    await never_saw_a_stranger(page)


async def never_saw_a_stranger(page: Page) -> None:
    """No frame showed one person under another's name, since the page was loaded."""
    strangers = await page.evaluate("probe.strangers()")
    assert strangers == [], strangers


async def new_meeting(server: Tertulia) -> str:
    """Somebody who stays away makes it. Its link."""
    host = await server.sign_up("Host")
    return f"{server.url}/m/{await server.create_meeting(host)}"


async def meet(link: str, seats: Mapping[Person, Page]) -> None:
    """All come in as guests, and each sees and hears all others."""
    await asyncio.gather(*(join_as_guest(page, link, me.name) for me, page in seats.items()))
    await all_see_and_hear(seats)


async def all_see_and_hear(seats: Mapping[Person, Page]) -> None:
    await asyncio.gather(
        *(sees_and_hears(page, *(seats.keys() - {me})) for me, page in seats.items())
    )


async def allow_one_slot(page: ChromiumPage, lag: float = 0.0) -> None:
    """`lag`: seconds by which the server's words come late, as they may on any network."""
    loop = asyncio.get_running_loop()

    def limited(message: str | bytes) -> str:
        # the policy in the answer to `join` tells how many slots to offer
        content = json.loads(message)
        joined = content.get("result", {}).get("joined")
        if joined:
            joined["policy"] |= {"video_slots": 1, "max_slots": 1}
        return json.dumps(content)

    def pass_on(client: WebSocketRoute, message: str) -> None:
        loop.call_later(lag, client.send, message)

    def connect(client: WebSocketRoute) -> None:
        server = client.connect_to_server()
        server.on_message(lambda message: pass_on(client, limited(message)))

    await page.tab.route_web_socket("**/ws", connect)


async def camera_of(page: Page, person: Person) -> str:
    """Its track's id, as soon as that person has one."""
    track: str = await page.until(_CAMERA % person.name)
    return track


async def look_only_at(page: Page, track: str, height: int = HEIGHT) -> None:
    """Tell the server that this picture alone is shown, and how large; the page says no more."""
    shown = {"track_id": track, "width": height * 16 // 9, "height": height, "priority": 0}
    await page.evaluate(f"""(({{ view, link }}) => {{
      view.stop();
      view.show = view.flush = () => undefined;
      return link.request("view", {{ tracks: [{json.dumps(shown)}] }});
    }})(window.tertulia.session)""")
