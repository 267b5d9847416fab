"""`tertulia admin`, with a server running and without one."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import aiohttp
import pytest

from api.administrate import AdministrationError, administrate
from api.settings import Settings
from benchmarks.signaling_client import SignalingClient
from db.audit import Audit
from db.migrate import migrate
from db.pool import Address, Database
from db.users import Users
from tests.support.tertulia import COMMAND, Tertulia

ADA = "ada@example.com"
BEN = "ben@example.com"


async def admin(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [*COMMAND, "admin", *arguments],
        env={"PATH": os.defpath, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def told(data_dir: Path, *arguments: str) -> str:
    """The last word of what it says."""
    done = await admin(data_dir, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()[-1]


async def test_a_closed_house_is_begun_and_run_from_the_command_line(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, {"SIGNUP": "closed"})
    data_dir = tmp_path / "data"
    invitation = await told(data_dir, "invite", "Ada@Example.com")  # before there is anything
    await server.start()
    try:
        body = {"email": ADA, "password": "password123", "invitation": invitation}
        token = (await server.request("POST", "/auth/signup", body))["token"]
        async with aiohttp.ClientSession() as http:
            client = await SignalingClient.connect(http, f"{server.url}/ws")
            await client.authenticate(token)
            await told(data_dir, "promote", ADA)
            assert (await server.request("GET", "/admin/users", token=token))["items"]
            refused = await admin(data_dir, "demote", ADA)
            assert (refused.returncode, refused.stdout) == (1, "")
            assert "last administrator" in refused.stderr
            password = await told(data_dir, "reset-password", ADA)
            closing = await client.closed()
        assert closing
        assert closing["reason"] == "session_ended"
        with pytest.raises(aiohttp.ClientResponseError, match="401"):
            await server.request("GET", "/users/me", token=token)
        with pytest.raises(aiohttp.ClientResponseError, match="401"):
            await server.request("POST", "/auth/login", body)
        session = await server.request("POST", "/auth/login", {"email": ADA, "password": password})
        trail = await server.request("GET", "/admin/audit", token=session["token"])
        assert [(entry["actor"], entry["action"]) for entry in trail["items"]] == [
            (None, "user.reset_password"),
            (None, "user.promote"),
            (None, "invitation.create"),
        ]
        assert server.complaints() == []
    finally:
        await server.stop()


async def test_what_cannot_be_done_is_told(blank: Address) -> None:
    assert blank.host
    settings = Settings(
        database_host=os.readlink(blank.host),
        database_name=str(blank.database),
        database_user=str(blank.user),
        database_password=blank.password,
    )
    with pytest.raises(AdministrationError, match="no account with the email ada@"):
        await administrate(settings, "promote", " ADA@example.com ")
    with pytest.raises(AdministrationError, match="ada is not an email address"):
        await administrate(settings, "invite", "ada")
    database = await Database.connect(blank)
    await migrate(database)
    for email in (ADA, BEN):
        await Users(database).create(email=email, password="", name="", age=None)
    for email in (ADA, BEN):
        assert await administrate(settings, "promote", email) == f"{email} is an administrator."
    assert await administrate(settings, "demote", BEN) == f"{BEN} is no administrator."
    with pytest.raises(AdministrationError, match="last administrator"):
        await administrate(settings, "demote", ADA)
    actions = [entry.action for entry in await Audit(database).entries(None, 9)]
    assert actions == ["user.demote", "user.promote", "user.promote"]
    await database.close()
    away = Settings(database_url="postgresql://nobody@127.0.0.1:9/x")
    with pytest.raises(AdministrationError, match="Cannot connect to PostgreSQL"):
        await administrate(away, "invite", None)
