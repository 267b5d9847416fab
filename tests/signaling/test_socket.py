"""`/ws` over real sockets: what the virtual tests cannot see."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref

import aiohttp
import pytest

from benchmarks.signaling_client import SignalingClient, SignalingError
from sfu.tracks import TrackSource
from signaling.limits import Limits
from signaling.messages import Participant, ParticipantJoined, Track
from signaling.outbox import Outbox, encode_event
from tests.signaling.fakes import user
from tests.signaling.server import Server, serve, until

CAMERA = TrackSource.CAMERA


async def test_two_see_each_other(server: Server) -> None:
    ana, ana_id = await server.joined("ana")
    ben, ben_id = await server.joined("ben")
    came = await ana.expect("participant_joined")
    assert came["participant"]["id"] == ben_id
    track = (await ana.request("publish", source="camera", mid="1"))["track"]
    assert (await ben.expect("track_published"))["track"] == track
    await ana.request("mute", track_id=track["id"], muted=True)
    assert (await ben.expect("track_muted"))["muted"] is True
    await ana.request("unpublish", track_id=track["id"])
    await ben.expect("track_unpublished", track_id=track["id"])
    await ana.request("leave")
    assert (await ben.expect("participant_left"))["participant_id"] == ana_id


async def test_states_come_through(server: Server) -> None:
    ana, ana_id = await server.joined("ana")
    media = server.media.participant(ana_id)
    media.show(None, None)
    assert (await ana.expect("slots"))["revision"] == 1
    media.listener.media_changed("connected", None)
    assert (await ana.expect("media"))["state"] == "connected"


async def test_authentication_tells_who_one_is(server: Server) -> None:
    client = await server.connect()
    result = await client.authenticate("guest")
    assert (result["name"], result["guest"], result["user_id"]) == ("Guest 1", True, None)
    assert (result["resumed"], result["grace"], result["heartbeat"]) == (False, 30.0, 15.0)


async def test_a_lost_connection_resumes_with_what_it_missed(server: Server) -> None:
    ana, ana_id = await server.joined("ana")
    ben, ben_id = await server.joined("ben")
    await ana.expect("participant_joined")
    await ana.close()
    track = (await ben.request("publish", source="camera", mid="1"))["track"]
    server.media.participant(ana_id).show(track["id"], ben_id)
    assert await ana.resume("ana")
    assert (await ana.expect("track_published"))["track"] == track
    assert (await ana.expect("slots"))["slots"][0]["participant_id"] == ben_id
    assert await ana.request("ping") == {}


async def test_a_connection_cut_without_goodbye_resumes(server: Server) -> None:
    ana, _ = await server.joined("ana")
    ben, ben_id = await server.joined("ben")
    abort(ana)
    await ana.closed()
    assert await ana.resume("ana")
    await ben.request("leave")
    assert (await ana.expect("participant_left"))["participant_id"] == ben_id


async def test_who_comes_back_too_late_was_lost() -> None:
    async with serve(Limits(grace=0.02)) as server:
        ana, ana_id = await server.joined("ana")
        ben, _ = await server.joined("ben")
        await ana.close()
        left = await ben.expect("participant_left")
        assert (left["participant_id"], left["reason"]) == (ana_id, "lost")
        assert server.media.participant(ana_id).left
        assert not await ana.resume("ana")
        await ana.request("join", meeting_id="standup")


async def test_a_second_connection_closes_the_first(server: Server) -> None:
    ana, _ = await server.joined("ana")
    again = await server.connect()
    again.session_id, again.secret = ana.session_id, ana.secret
    assert await again.resume("ana")
    closing = await ana.closed()
    assert closing
    assert closing["reason"] == "replaced"
    assert await again.request("leave") == {}


async def test_a_reload_replaces(server: Server) -> None:
    ana, ana_id = await server.joined("ana")
    ben, _ = await server.joined("ben")
    reloaded = await server.authenticated("ana")
    await reloaded.request("join", meeting_id="standup", replaces=ana.ticket)
    left = await ben.expect("participant_left")
    assert (left["participant_id"], left["reason"]) == (ana_id, "replaced")
    await ben.expect("participant_joined")
    closing = await ana.closed()
    assert closing
    assert closing["reason"] == "replaced"


async def test_an_expired_login_ends_the_connection_and_not_the_session(server: Server) -> None:
    server.tokens.identities["brief"] = user(1, expires_at=time.time())
    ana = await server.authenticated("brief")
    closing = await ana.closed()
    assert closing
    assert closing["reason"] == "session_ended"
    assert await ana.resume("ana")


async def test_a_reader_too_slow_is_dropped_and_the_others_are_not() -> None:
    async with serve(Limits(close=10.0)) as server:
        slow, slow_id = await server.joined("ana")
        ben, _ = await server.joined("ben")
        stop_reading(slow)
        await flood(server, slow)
        assert not server.media.participant(slow_id).left
        assert await ben.request("ping") == {}
        transport_of(slow).resume_reading()
        closing = await slow.closed()
        assert closing
        assert closing["reason"] == "too_slow"


async def test_who_reads_nothing_is_dropped_when_too_much_waits() -> None:
    async with serve(Limits(send=1000.0, close=0.05, grace=0.0)) as server:
        stuck, stuck_id = await server.joined("ana")
        ben, _ = await server.joined("ben")
        stop_reading(stuck)
        await flood(server, stuck)
        left = await ben.expect("participant_left")
        assert (left["participant_id"], left["reason"]) == (stuck_id, "lost")
        await until(lambda: server.connections == 1)


async def test_who_reads_nothing_is_dropped_though_little_waits() -> None:
    async with serve(Limits(send=0.05, close=0.05)) as server:
        stuck, _ = await server.joined("ana")
        stop_reading(stuck)
        outbox = await fill_network(server, stuck)
        outbox.put(b" " * 500_000)
        outbox.put(b" " * 500_000)
        await until(lambda: server.connections == 0)


async def test_who_does_not_read_the_goodbye_is_cut_off() -> None:
    async with serve(Limits(close=0.05)) as server:
        stuck, _ = await server.joined("ana")
        stop_reading(stuck)
        outbox = await fill_network(server, stuck)
        outbox.finish()
        await until(lambda: server.connections == 0)


async def test_a_closed_connection_is_forgotten_though_its_login_lasts() -> None:
    async with serve(Limits(close=1000.0)) as server:
        ana = await server.authenticated("ana")
        outbox = weakref.ref(outbox_of(server, ana))
        await ana.close()
        await until(lambda: gc.collect() >= 0 and outbox() is None)


async def test_a_fault_of_ours_ends_one_connection_and_is_logged(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ben, _ = await server.joined("ben")
    client = await server.connect()
    with monkeypatch.context() as broken:
        broken.setattr(server.gateway.hub, "open", lambda _: 1 / 0)
        with pytest.raises(SignalingError, match="connection_lost"):
            await client.authenticate("ana")
    assert "connection failed" in caplog.text
    assert await ben.request("ping") == {}


async def test_stopping_tells_every_client_why() -> None:
    async with serve() as server:
        ana, ana_id = await server.joined("ana")
        stranger = await server.connect()
        await server.gateway.close()
        assert not server.gateway._connections
        for client in (ana, stranger):
            closing = await client.closed()
            assert closing
            assert closing["reason"] == "server_stopping"
        assert server.media.participant(ana_id).left
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await server.connect()


async def test_stopping_does_not_wait_for_who_does_not_read() -> None:
    async with serve(Limits(close=0.05)) as server:
        ana, _ = await server.joined("ana")
        stop_reading(ana)
        async with asyncio.timeout(10):
            await server.gateway.close()


async def test_a_silent_peer_is_noticed_by_the_heartbeat() -> None:
    async with serve(Limits(heartbeat=0.05, grace=0.0)) as server:
        silent, silent_id = await server.joined("ana")
        stop_reading(silent)
        await until(lambda: server.media.participant(silent_id).left)


async def test_a_token_check_that_hangs_is_given_up() -> None:
    async def never(_: str) -> None:
        await asyncio.Event().wait()

    async with serve(Limits(authentication=0.05)) as server:
        server.gateway._authenticate = never  # type: ignore[assignment]
        client = await server.connect()
        with pytest.raises(SignalingError, match="connection_lost"):
            await client.authenticate("ana")


async def flood(server: Server, client: SignalingClient) -> None:
    """Tell it more than any buffer on the way can take."""
    session = server.gateway.hub.sessions[str(client.session_id)]
    tracks = [Track(id="t" * 64, participant_id="p" * 64, source=CAMERA, muted=False)] * 100
    crowd = Participant(
        id="p", name="Crowd", guest=False, user_id=7, role="participant", hand=None, tracks=tracks
    )
    while session.outbox and not session.outbox.finished:
        session.emit(encode_event(ParticipantJoined(participant=crowd)))
        await asyncio.sleep(0)


async def fill_network(server: Server, client: SignalingClient) -> Outbox:
    """Send until the first bytes of the last message have to wait in the server."""
    outbox = outbox_of(server, client)
    while not any(transport.get_write_buffer_size() for transport in server.transports):
        outbox.put(b" " * 1000)
        await asyncio.sleep(0)
    return outbox


def outbox_of(server: Server, client: SignalingClient) -> Outbox:
    outbox = server.gateway.hub.sessions[str(client.session_id)].outbox
    assert outbox
    return outbox


def transport_of(client: SignalingClient) -> asyncio.Transport:
    assert client._socket
    connection = client._socket._response.connection
    assert connection
    assert isinstance(connection.transport, asyncio.Transport)
    return connection.transport


def abort(client: SignalingClient) -> None:
    """As if the network were gone: no close frame."""
    transport_of(client).abort()


def stop_reading(client: SignalingClient) -> None:
    transport_of(client).pause_reading()
