"""What people do with the page, and what they then see and hear."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tests.support.browser import Page
from tests.support.people import Person
from tests.support.tertulia import Tertulia

MORE = 15
"""Frames after which a picture counts as moving; more than a second of the fake cameras."""


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
