"""What the gallery shows."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.gallery.company import Company
from tests.gallery.studio import LOOKS, ME, SIZES, Look, Studio

TITLE = "Thursday tertulia"
_NO_CAMERA = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("", "%s");
};"""

Take = Callable[[Studio, Page, Look], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    looks: list[Look]
    take: Take
    """Brings the page, which is empty, to where its picture is taken; takes it by itself where the
    scene ends with that."""


def _people(count: int, *, presenter: bool = False, then: str | None = None) -> Take:
    async def take(studio: Studio, page: Page, look: Look) -> None:
        meeting = await studio.meeting(TITLE)
        async with studio.company(meeting, count, presenter=presenter):
            await studio.enter(page, meeting)
            await studio.see(page, count + 1, screen=presenter)
            if then:
                await page.get_by_role("button", name=then, exact=True).click()
                await page.wait_for_timeout(1500)
            await studio.shoot(page, look)

    return take


async def _prejoin(studio: Studio, page: Page, look: Look) -> None:
    await page.goto(f"{studio.server.url}/m/{await studio.meeting(TITLE)}")
    await page.get_by_label("Your name").fill(ME.name)
    await studio.shoot(page, look)


async def _chat(studio: Studio, page: Page, look: Look) -> None:
    meeting = await studio.meeting(TITLE)
    async with studio.company(meeting, 4) as company:
        await studio.enter(page, meeting)
        await studio.see(page, 5)
        company.call(Company.say, 0, "Good evening! Can everybody hear Chidi?")
        company.call(Company.say, 2, "Loud and clear.")
        await page.get_by_role("button", name=re.compile("^Chat")).click()
        await page.get_by_label("Write a message").fill("So can I. Who begins?")
        await page.keyboard.press("Enter")
        company.call(Company.say, 3, "You do, Ana.")
        await page.get_by_text("You do, Ana").first.wait_for()
        await studio.shoot(page, look)


async def _host(studio: Studio, page: Page, look: Look) -> None:
    """People, hands, and somebody who waits."""
    town = await studio.town()
    meeting = await studio.meeting(TITLE, town.tokens[0])
    await studio.sign_in(page, town.tokens[0])
    async with studio.company(meeting, 4) as company:
        await studio.enter(page, meeting, name=None)
        await studio.see(page, 5)
        company.call(Company.raise_hand, 2)
        company.call(Company.react, 1, "👏")
        await studio.tell("PATCH", f"/meetings/{meeting}", town.tokens[0], {"lobby": "guests"})
        visitor = await studio.page(look)
        await studio.enter(visitor, meeting, name="Gus Vidal")
        await page.get_by_text("Gus Vidal").first.wait_for()
        await page.get_by_role("button", name=re.compile("^Participants")).click()
        await page.wait_for_timeout(500)
        await studio.shoot(page, look)
        await visitor.context.close()


async def _waiting(studio: Studio, page: Page, look: Look) -> None:
    meeting = await studio.meeting(TITLE, lobby="guests")
    await studio.enter(page, meeting)
    await page.wait_for_timeout(1000)
    await studio.shoot(page, look)


def _device(error: str) -> Take:
    async def take(studio: Studio, page: Page, look: Look) -> None:
        await page.add_init_script(_NO_CAMERA % error)
        await _prejoin(studio, page, look)

    return take


def _refused(**settings: object) -> Take:
    """Those who were there first are let in, and nobody after them."""

    async def take(studio: Studio, page: Page, look: Look) -> None:
        town = await studio.town()
        meeting = await studio.meeting(TITLE, town.tokens[0])
        path = f"/meetings/{meeting}"
        async with studio.company(meeting, 2):
            await studio.tell("PATCH", path, town.tokens[0], settings)
            await studio.enter(page, meeting)
            await page.wait_for_timeout(1000)
            await studio.shoot(page, look)

    return take


def _put_out(how: str) -> Take:
    async def take(studio: Studio, page: Page, look: Look) -> None:
        town = await studio.town()
        meeting = await studio.meeting(TITLE, town.tokens[1])
        await studio.sign_in(page, town.tokens[0])
        await studio.enter(page, meeting, name=None)
        await studio.see(page, 1)
        path = f"/meetings/{meeting}/members/{town.ids[0]}"
        if how == "removed":
            await studio.tell("DELETE", path, town.tokens[1])
        else:
            await studio.tell("POST", f"/meetings/{meeting}/end", town.tokens[1])
        await page.wait_for_timeout(1000)
        await studio.shoot(page, look)

    return take


async def _nowhere(studio: Studio, page: Page, look: Look) -> None:
    await page.goto(f"{studio.server.url}/m/aaaaaaaaaaaaaaaa")
    await page.wait_for_timeout(1000)
    await studio.shoot(page, look)


async def _too_old(studio: Studio, page: Page, look: Look) -> None:
    await page.add_init_script("delete window.RTCPeerConnection")
    await page.goto(f"{studio.server.url}/m/{await studio.meeting(TITLE)}")
    await page.wait_for_timeout(1000)
    await studio.shoot(page, look)


async def _server_gone(studio: Studio, page: Page, look: Look) -> None:
    meeting = await studio.meeting(TITLE)
    async with studio.company(meeting, 2):
        await studio.enter(page, meeting)
        await studio.see(page, 3)
        await studio.server.kill()
        await page.wait_for_timeout(3000)
        await studio.shoot(page, look)
        await studio.server.start()


def _screen(path: str, *, signed_in: bool = True) -> Take:
    async def take(studio: Studio, page: Page, look: Look) -> None:
        town = await studio.town()
        if signed_in:
            await studio.sign_in(page, town.tokens[0])
        where = path.format(group=town.group, post=town.post, person=town.ids[5])
        await page.goto(studio.server.url + where)
        await page.get_by_role("heading", level=1).first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(500)
        await studio.shoot(page, look)

    return take


SCENES = [
    Scene("prejoin", SIZES, _prejoin),
    *(Scene(f"people-{count + 1}", SIZES, _people(count)) for count in (0, 1, 4, 11)),
    Scene("speaker", SIZES[:1], _people(4, then="Speaker view")),
    Scene("screen", SIZES, _people(4, presenter=True)),
    Scene("meeting-chat", SIZES, _chat),
    Scene("meeting-host", SIZES, _host),
    Scene("waiting", SIZES, _waiting),
    Scene("failure-denied", SIZES, _device("NotAllowedError")),
    Scene("failure-no-device", SIZES, _device("NotFoundError")),
    Scene("failure-busy", SIZES, _device("NotReadableError")),
    Scene("failure-locked", SIZES, _refused(locked=True)),
    Scene("failure-full", SIZES, _refused(max_participants=2)),
    Scene("failure-removed", SIZES, _put_out("removed")),
    Scene("failure-ended", SIZES, _put_out("ended")),
    Scene("failure-nowhere", SIZES, _nowhere),
    Scene("failure-too-old", SIZES, _too_old),
    Scene("failure-server-gone", SIZES, _server_gone),
    Scene("welcome", LOOKS, _screen("/", signed_in=False)),
    Scene("home", LOOKS, _screen("/")),
    Scene("chat", LOOKS, _screen("/chat")),
    Scene("conversation", LOOKS, _screen("/chat/{group}")),
    Scene("blog", LOOKS, _screen("/blog", signed_in=False)),
    Scene("post", LOOKS, _screen("/blog/{post}", signed_in=False)),
    Scene("blog-mine", LOOKS, _screen("/blog/mine")),
    Scene("people", LOOKS, _screen("/people")),
    Scene("person", LOOKS, _screen("/people/{person}")),
    Scene("settings", LOOKS, _screen("/settings")),
    Scene("administration", LOOKS, _screen("/administration")),
]
