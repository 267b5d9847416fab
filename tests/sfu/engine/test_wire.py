"""Both sides of the border to the native core speak of the same things by the same numbers."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path as File

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine import wire
from sfu.engine.interface import (
    MAX_DATAGRAM,
    MAX_SSRCS_PER_TRANSPORT,
    Codec,
    Extension,
    Kind,
    Path,
    PayloadTypes,
    Route,
    SinkId,
    SourceId,
    SourceParameters,
    TransportId,
)

CORE = File(wire.__file__).parent / "core"


def enumeration(file: str, name: str) -> list[str]:
    text = (CORE / file).read_text()
    found = re.search(rf"enum {name} {{(.*?)}};", text, re.DOTALL)
    assert found is not None
    body = re.sub(r"/\*.*?\*/", "", found[1], flags=re.DOTALL)
    return [entry.strip().split(" ")[0] for entry in body.split(",") if entry.strip()]


def test_drops_have_the_same_order() -> None:
    names = [f"DROP_{drop.name}" for drop in wire.DROPS]
    assert enumeration("names.h", "drop") == [*names, "DROPS", "NO_DROP"]


def test_codecs_have_the_same_order() -> None:
    names = [codec.name for codec in wire.CODECS]
    assert enumeration("names.h", "codec") == [*names, "CODECS", "NO_CODEC"]


def test_extensions_have_the_same_order() -> None:
    found = [name for name in enumeration("names.h", "extension") if name != "FORWARDED"]
    names = [extension.name for extension in wire.EXTENSIONS]
    assert found == [*names, "EXTENSIONS", "NO_EXTENSION"]


def test_commands_have_the_same_order() -> None:
    assert enumeration("commands.h", "command") == [command.name for command in wire.Command]
    assert [command.value for command in wire.Command] == list(range(1, len(wire.Command) + 1))


def test_events_have_the_same_order() -> None:
    assert len(enumeration("events.h", "event")) == len(wire._DECODE)
    assert list(wire._DECODE) == list(range(1, len(wire._DECODE) + 1))


def test_limits_are_the_same() -> None:
    text = (CORE / "names.h").read_text()
    assert f"MAX_DATAGRAM = {MAX_DATAGRAM}," in text
    assert f"MAX_SSRCS_PER_TRANSPORT = {MAX_SSRCS_PER_TRANSPORT} " in text


hosts = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6)
    .filter(lambda address: isinstance(address, IPv6Address) and address.ipv4_mapped is None)
    .filter(lambda address: int(address) != 0)
    .map(str),
)


@given(hosts, st.integers(0, 65535), st.one_of(hosts, st.just("")))
def test_a_path_comes_back(host: str, port: int, local: str) -> None:
    path = Path(host, port, local)
    assert wire.decode_path(wire.encode_path(path)) == path


def test_ipv4_is_written_as_mapped() -> None:
    encoded = wire.encode_path(Path("192.0.2.1", 0x1234, ""))
    assert encoded[:16] == IPv6Address("::ffff:192.0.2.1").packed
    assert encoded[16:18] == b"\x12\x34"
    assert encoded[18:] == bytes(16)
    assert IPv4Address(encoded[12:16]) == IPv4Address("192.0.2.1")


@pytest.mark.parametrize("host", ["example.org", "1.2.3", "::g", "fe80::1%lo"])
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is no IP address"):
        wire.encode_path(Path(host, 1, ""))


@pytest.mark.parametrize("port", [-1, 65_536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="port"):
        wire.encode_path(Path("192.0.2.1", port, ""))


@pytest.mark.parametrize("number", [-1, 1 << 64])
def test_numbers_beyond_64_bits_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        wire.identifier(number)
    with pytest.raises(ValueError, match="fit"):
        wire.numbers(1, number)
    with pytest.raises(ValueError, match="fit"):
        wire.route(Route(SinkId(1), SourceId(number)))


@pytest.mark.parametrize("ssrc", [-1, 1 << 32])
def test_ssrcs_beyond_32_bits_are_refused(ssrc: int) -> None:
    parameters = SourceParameters(TransportId(1), Kind.VIDEO, "0", {}, ssrc=ssrc)
    with pytest.raises(ValueError, match="fit"):
        wire.source(SourceId(1), parameters)


@pytest.mark.parametrize("number", [-1, 128, 255])
def test_what_is_no_payload_type_is_refused(number: int) -> None:
    for pair in (PayloadTypes(number), PayloadTypes(96, number)):
        with pytest.raises(ValueError, match="payload type"):
            wire.payload_types({Codec.VP8: pair})


@pytest.mark.parametrize("number", [-1, 0, 256])
def test_what_is_no_extension_id_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="extension id"):
        wire.extensions({Extension.MID: number})


@given(st.text(max_size=300))
def test_a_text_is_at_most_255_bytes(value: str) -> None:
    size = len(value.encode())
    if size > 255:
        with pytest.raises(ValueError, match="longer than 255"):
            wire.text(value)
    else:
        assert wire.text(value) == bytes((size,)) + value.encode()
