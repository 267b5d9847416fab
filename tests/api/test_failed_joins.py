"""Why somebody could not join, told from the log alone: a line, and whose it is."""

from __future__ import annotations

import logging
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web

from api.context import MEDIA
from api.logs import correlate
from benchmarks.signaling_client import SignalingClient, SignalingError
from sfu.ice import Credentials
from sfu.server import MediaServer
from sfu.transport import Transport
from signaling.correlation import noted
from tests.api.conftest import Api, Connect
from tests.api.people import ADA, new_meeting, own_id, post, sign_up
from tests.support.caller import Caller
from tests.support.dtls import DtlsClient
from tests.support.ice import IceClient
from tests.support.polling import until
from tests.support.room import FakeHouse, real_offer

PERSON = {"session", "user"}
PLACE = {"meeting", "participant"}


class Log:
    """What an operator sees, who has set nothing."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        caplog.handler.addFilter(correlate)
        self._caplog = caplog

    def find(self, *words: str) -> dict[str, object]:
        """What the one line with these words is known to be of."""
        (record,) = [
            record
            for record in self._caplog.records
            if all(word in record.getMessage() for word in words)
        ]
        return dict(vars(record)["correlation"])

    def __contains__(self, text: str) -> bool:
        return text in self._caplog.text


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


@pytest.fixture
async def ada(api: Api) -> str:
    return await sign_up(api)


@pytest.fixture
async def meeting(api: Api, ada: str) -> str:
    return await new_meeting(api, ada)


@pytest.fixture
async def joined(connect: Connect, ada: str, meeting: str) -> SignalingClient:
    client = await connect(ada)
    await client.request("join", meeting_id=meeting)
    return client


async def test_signing_in(api: Api, log: Log, ada: str) -> None:
    _, problem = await post(api, "/auth/login", ADA | {"password": "wrong password"})
    found = log.find("POST /auth/login from 127.0.0.1: 401", "Email or password is wrong")
    assert found == {"trace_id": problem["trace_id"]}
    assert "wrong password" not in log


async def test_the_door(api: Api, log: Log) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await api.session.ws_connect(api.make_url("/ws"), headers={"Origin": "https://evil.test"})
    assert log.find("GET /ws from 127.0.0.1: 403", "Pages of other sites").keys() == {"trace_id"}


async def test_a_login_that_has_ended(connect: Connect, log: Log) -> None:
    with pytest.raises(SignalingError):
        await connect("no token")
    assert log.find("connection ended: bad_token")
    known = log.find("refused: Please sign in again.")
    assert log.find("connection from 127.0.0.1 by Python")["connection"] == known["connection"]


async def test_the_meeting(api: Api, connect: Connect, log: Log, ada: str) -> None:
    meeting = await new_meeting(api, ada, password="open sesame")
    ben = await connect(await sign_up(api, email="ben@example.com"))
    host = await connect(ada)
    await host.request("join", meeting_id=meeting)
    for meeting_id, password in (("nowhere", None), (meeting, None), (meeting, "open barley")):
        with pytest.raises(SignalingError) as refusal:
            await ben.request("join", meeting_id=meeting_id, password=password)
        why = f"{refusal.value.code}: {refusal.value.message}"
        known = log.find(f"join of meeting {meeting_id} refused: {why}")
        assert known.keys() >= PERSON | {"connection", "trace_id"}
    await host.request("update_meeting", locked=True)
    with pytest.raises(SignalingError):
        await ben.request("join", meeting_id=meeting)
    assert log.find(f"join of meeting {meeting} refused: locked")
    assert "barley" not in log


async def test_the_offer(joined: SignalingClient, log: Log, api: Api, ada: str) -> None:
    with pytest.raises(SignalingError):
        await joined.request("offer", sdp="v=0\r\n")
    known = log.find("offer refused: bad_offer: ")
    assert known.keys() >= PERSON | PLACE
    assert known["user"] == await own_id(api, ada)


async def test_no_check_ever_comes(log: Log) -> None:
    """UDP is blocked, or a wrong address is announced."""
    house = FakeHouse()
    with noted(meeting="tea", participant="p1"):
        member = house.join("p1")
        await house.offer(member, real_offer("chrome156_1send_3recv"))
    house.tick(31)
    assert log.find("told to come to 192.0.2.9 port 7882")
    known = log.find("no ICE in 30.", "(ice_timeout)", "UDP does not get through")
    assert known == {"meeting": "tea", "participant": "p1"}


async def until_refused(media: MediaServer, count: int) -> None:
    """Nobody is answered then."""

    async def refused() -> bool:
        (room,) = media.rooms.values()
        return all(sum(each.transport.refusals.values()) == count for each in room.connections)

    await until(refused)


async def test_checks_that_are_refused(
    joined: SignalingClient, log: Log, app: web.Application
) -> None:
    async with Caller(joined) as caller:
        right = caller.server
        caller.doors[-1].send(caller.ice.check(Credentials(right.ufrag, "x" * 24)))
        caller.doors[-1].send(IceClient().check(right))
        await until_refused(app[MEDIA], 2)
        await joined.request("leave")
    known = log.find("no ICE in", "(left)", "1 wrong_integrity", "1 wrong_username")
    assert known.keys() >= PERSON | PLACE


@pytest.mark.parametrize(
    ("spoil", "reason", "meaning"),
    [
        ("fingerprint", "dtls_fingerprint_mismatch", "not the one of its offer"),
        ("profiles", "dtls_no_srtp_profile", "no way to encrypt media"),
        ("silence", "dtls_timeout", "did not finish the handshake"),
    ],
)
async def test_dtls(
    joined: SignalingClient,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    spoil: str,
    reason: str,
    meaning: str,
) -> None:
    if spoil == "silence":
        monkeypatch.setitem(Transport.__init__.__kwdefaults__ or {}, "handshake_timeout", 0.05)
    caller = Caller(joined)
    if spoil == "profiles":
        caller.dtls = DtlsClient(profiles=())
    async with caller:
        if spoil == "fingerprint":
            caller.dtls = DtlsClient()
        await caller.check()
        if spoil != "silence":
            for datagram in caller.say_hello():
                caller.doors[-1].send(datagram)
        await caller.until(lambda: ("closed", reason) in caller.states)
    assert log.find("ICE after", "from 127.0.0.1 port").keys() >= PERSON | PLACE
    assert log.find("no DTLS in", f"({reason})", meaning).keys() >= PERSON | PLACE


async def test_nothing_is_sent(joined: SignalingClient, log: Log) -> None:
    async with Caller(joined) as caller:
        await caller.connect()
        await joined.request("leave")
    assert log.find("no media came from it").keys() >= PLACE


async def test_who_is_put_out_by_somebody_else_is_not_taken_for_him(
    api: Api, connect: Connect, joined: SignalingClient, log: Log, meeting: str
) -> None:
    ben = await connect(await sign_up(api, email="ben@example.com"))
    place = (await ben.request("join", meeting_id=meeting))["joined"]["participant_id"]
    async with Caller(ben) as caller:
        await caller.connect()
        await joined.request("remove", participant_id=place)
        assert log.find("no media came from it")["participant"] == place


async def test_no_secret_is_logged(
    api: Api, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even to whoever wants to see everything."""
    log = Log(caplog)
    caplog.set_level(logging.ERROR, "aiohttp.access")  # of the tests' server, not of ours
    caplog.set_level(logging.DEBUG)
    ada = await sign_up(api)
    meeting = await new_meeting(api, ada, password="open sesame")
    client = await connect(ada)
    first = client.secret
    joined = (await client.request("join", meeting_id=meeting))["joined"]
    said = {"conversation_id": joined["conversation_id"], "client_key": "1"}
    await client.request("send_message", content="between us", **said)
    with suppress(SignalingError):
        await client.request("send_message", content="between us", conversation_id=0)
    async with Caller(client) as caller:
        await caller.connect()
    await client.resume(ada)
    await api.post("/auth/login?password=password123", json=ADA)
    await api.get("/users/me", headers={"Authorization": "Bearer nonsense-token"})
    assert "GET /users/me" in log
    ice = (caller.server.password, caller.ice.credentials.password)
    for secret in (ada, first, client.secret, *ice):
        assert secret
        assert secret not in log
    for text in ("between us", "open sesame", "password123", "nonsense-token", "ada@example.com"):
        assert text not in log
