"""What the gallery shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.gallery.studio import ME, SIZES, Look, Studio

TITLE = "Thursday tertulia"


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    looks: list[Look]
    take: Callable[[Studio, Look], Awaitable[None]]


def _meeting(people: int, *, presenter: bool = False) -> Callable[[Studio, Look], Awaitable[None]]:
    name = "screen" if presenter else f"people-{people + 1}"

    async def take(studio: Studio, look: Look) -> None:
        meeting = await studio.meeting(TITLE)
        async with studio.company(meeting, people, presenter=presenter):
            page = await studio.page(look)
            await studio.enter(page, meeting)
            await studio.see(page, people + 1)
            await studio.shoot(page, name, look)
            await page.context.close()

    return take


async def _prejoin(studio: Studio, look: Look) -> None:
    meeting = await studio.meeting(TITLE)
    page = await studio.page(look)
    await page.goto(f"{studio.server.url}/m/{meeting}")
    await page.get_by_label("Your name").fill(ME.name)
    await studio.shoot(page, "prejoin", look)
    await page.context.close()


SCENES = [
    Scene("prejoin", SIZES, _prejoin),
    *(Scene(f"people-{count + 1}", SIZES, _meeting(count)) for count in (0, 1, 4, 11)),
    Scene("screen", SIZES, _meeting(4, presenter=True)),
]
