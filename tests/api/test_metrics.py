"""`/metrics`: who may read it, that Prometheus understands it, and that the numbers are true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from api.addresses import Addresses
from api.app import create_app
from api.context import ADDRESSES, MEDIA
from api.metrics import metrics_app
from api.metrics.media import MediaCollector
from api.settings import Settings
from benchmarks.signaling_client import SignalingError
from db.pool import Database
from sfu.engine.interface import Drop, Kind
from sfu.server import MediaServer
from tests.api.conftest import SECRET, Api, Connect
from tests.api.people import get, new_meeting, post, sign_up
from tests.support.media import EXPECTED, media_settings
from tests.support.polling import until
from tests.support.tertulia import Tertulia, free_port

TOKEN = "a token of sixteen or more"
Samples = dict[str, dict[frozenset[tuple[str, str]], float]]


def parsed(text: str) -> Samples:
    """By name, then by labels."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


async def read(api: Api) -> Samples:
    answer = await api.get("/metrics")
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return parsed(await answer.text())


def value(samples: Samples, name: str, **labels: str) -> float:
    """Of all series with these labels together."""
    wanted = set(labels.items())
    return sum(number for found, number in samples[f"tertulia_{name}"].items() if wanted <= found)


async def test_what_happens_is_counted(api: Api, connect: Connect) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id = await new_meeting(api, ada)
    for _ in range(3):
        await post(api, "/auth/login", {"email": "ada@example.com", "password": "not hers"})
    for path in ("/blogs/1", "/blogs/2", "/nowhere", "/elsewhere"):
        assert (await get(api, path))[0] == HTTPStatus.NOT_FOUND
    adas, bens = await connect(ada), await connect(ben)
    place = (await adas.request("join", meeting_id=meeting_id))["joined"]["conversation_id"]
    with pytest.raises(SignalingError):
        await bens.request("leave")
    await adas.request("send_message", conversation_id=place, content="Hello")
    samples = await read(api)
    assert value(samples, "build_info", engine=EXPECTED) == 1
    assert value(samples, "login_failures_total") == 3
    assert value(samples, "chat_messages_total") == 1
    assert value(samples, "ws_connections") == value(samples, "sessions") == 2
    assert value(samples, "meetings") == value(samples, "meeting_participants") == 1
    assert value(samples, "media_rooms") == value(samples, "media_participants") == 1
    assert value(samples, "ws_requests_total", type="join", outcome="ok") == 1
    assert value(samples, "ws_requests_total", type="leave", outcome="not_joined") == 1
    requests = "http_requests_total"
    assert value(samples, requests, method="POST", route="/auth/login", code="4xx") == 3
    assert value(samples, requests, route="/blogs/{post_id}") == 2
    assert value(samples, requests, route="unmatched") == 2
    assert value(samples, "http_route_duration_seconds_count", route="/auth/signup") == 2
    assert value(samples, "database_connections") == 10
    (files,) = samples["process_open_fds"].values()
    assert files == len(os.listdir("/proc/self/fd")) - 1  # it is open while it is listed
    (memory,) = samples["process_resident_memory_bytes"].values()
    assert memory > 2**24
    await adas.close()

    async def counted() -> bool:
        closed = "ws_connections_closed_total"
        found = await read(api)
        return f"tertulia_{closed}" in found and value(found, closed, reason="client") == 1

    await until(counted)


async def test_every_engine_and_reason_has_a_series_from_the_start(api: Api) -> None:
    """A rate of what begins to exist when it first happens misses that."""
    samples = await read(api)
    drops = samples["tertulia_media_drops_total"]
    assert {dict(labels)["reason"] for labels in drops} == set(Drop)
    for name in ("packets_forwarded", "bytes_received", "nacks_sent", "packets_lost"):
        kinds = samples[f"tertulia_media_{name}_total"]
        assert {dict(labels)["kind"] for labels in kinds} == set(Kind)
    refused = samples["tertulia_rate_limited_total"]
    assert frozenset({("scope", "address"), ("cost", "sign_in")}) in refused


async def test_labels_are_bounded_whatever_people_ask(api: Api) -> None:
    for number in range(3):
        await api.get(f"/blogs/{number}/x{number}?y={number}")
        await api.request(f"BREW{number}", f"/{number}")
    names = {
        dict(labels)[name]
        for labels in (await read(api))["tertulia_http_requests_total"]
        for name in ("route", "method")
    }
    assert names <= {"unmatched", "/metrics", "GET", "other"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, HTTPStatus.OK),
        ({"X-Forwarded-For": "198.51.100.7"}, HTTPStatus.FORBIDDEN),
        ({"Forwarded": "for=198.51.100.7"}, HTTPStatus.FORBIDDEN),
        ({"Via": "1.1 proxy"}, HTTPStatus.FORBIDDEN),
        ({"X-Real-IP": "127.0.0.1"}, HTTPStatus.FORBIDDEN),
        ({"Via": "1.1 proxy", "Authorization": f"Bearer {TOKEN}"}, HTTPStatus.OK),
        ({"Via": "1.1 proxy", "Authorization": f"Bearer {TOKEN}x"}, HTTPStatus.FORBIDDEN),
        ({"Via": "1.1 proxy", "Authorization": f"Basic {TOKEN}"}, HTTPStatus.FORBIDDEN),
        ({"Via": "1.1 proxy", "Authorization": "Bearer é"}, HTTPStatus.FORBIDDEN),
    ],
)
async def test_who_may_read_them(
    database: Database, tmp_path: Path, headers: dict[str, str], status: HTTPStatus
) -> None:
    settings = Settings(data_dir=tmp_path, jwt_secret=SECRET, metrics_token=TOKEN)
    media = await MediaServer.start(media_settings())
    app = create_app(settings, database, media)
    async with TestClient(TestServer(app)) as api, TestClient(TestServer(metrics_app(app))) as own:
        for client in (api, own):
            assert (await client.get("/metrics", headers=headers)).status == status
        assert (await own.get("/health")).status == HTTPStatus.NOT_FOUND
    await media.close()


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("127.0.0.1", HTTPStatus.OK),
        ("::1", HTTPStatus.OK),
        ("::ffff:127.0.0.1", HTTPStatus.OK),
        ("192.0.2.1", HTTPStatus.FORBIDDEN),
        ("::ffff:192.0.2.1", HTTPStatus.FORBIDDEN),
        ("", HTTPStatus.FORBIDDEN),
        ("127.0.0.9", HTTPStatus.FORBIDDEN),  # a proxy, who may speak for anybody
    ],
)
async def test_from_where_they_may_be_read(
    app: web.Application, monkeypatch: pytest.MonkeyPatch, peer: str, status: HTTPStatus
) -> None:
    app[ADDRESSES] = Addresses([ip_network("127.0.0.9")])
    monkeypatch.setattr(web.BaseRequest, "remote", peer)
    async with TestClient(TestServer(app)) as api:
        assert (await api.get("/metrics")).status == status


async def test_without_a_token_nobody_has_the_token(api: Api) -> None:
    for given in ("Bearer ", "Bearer None", "Bearer"):
        headers = {"Via": "1.1 proxy", "Authorization": given}
        assert (await api.get("/metrics", headers=headers)).status == HTTPStatus.FORBIDDEN


async def test_a_port_of_their_own(tmp_path: Path) -> None:
    port = free_port()
    server = Tertulia(tmp_path, {"METRICS_PORT": str(port), "HOST": "127.0.0.1"})
    await server.start()
    try:
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert "tertulia_build_info" in await answer.text()
            async with http.get(f"{server.url}/metrics") as answer:
                assert answer.status == HTTPStatus.NOT_FOUND
    finally:
        await server.stop()


async def test_an_engine_that_does_not_answer_spoils_only_its_own(
    api: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck() -> None:
        raise TimeoutError

    monkeypatch.setattr(app[MEDIA], "figures", stuck)
    samples = await read(api)
    assert "tertulia_media_rooms" not in samples
    assert "tertulia_build_info" in samples


async def test_what_was_lost_does_not_come_back_in_a_counter(app: web.Application) -> None:
    collector, key = MediaCollector(app[MEDIA]), ("0", "video")
    assert [collector._risen({key: lost})[key] for lost in (0, 5, 3, 6)] == [0, 5, 5, 6]


@pytest.mark.skipif(
    not shutil.which("promtool") and "CI" not in os.environ, reason="promtool is not installed"
)
async def test_prometheus_finds_nothing_wrong(api: Api, connect: Connect) -> None:
    token = await sign_up(api)
    client = await connect(token)
    await client.request("join", meeting_id=await new_meeting(api, token))
    text = await (await api.get("/metrics")).text()
    checked = subprocess.run(  # noqa: ASYNC221 - a moment
        ["promtool", "check", "metrics"],  # noqa: S607
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert not re.search(r"ada|example\.com", text), "nobody is named"
