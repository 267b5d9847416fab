"""The border between Python and the native core, as bytes.

Commands go down and events and statistics come up as packed little-endian records without padding;
`core/commands.c`, `core/events.c` and `core/stats.c` are the other side. An address is 34 bytes:
host (IPv4 as ::ffff:a.b.c.d), port (big-endian), our own address (zeros: not known).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import Any

from sfu.engine.interface import (
    AudioLevels,
    BandwidthEstimate,
    BandwidthSource,
    Codec,
    Drop,
    DtlsReceived,
    EngineStats,
    EngineTotals,
    Event,
    EventsLost,
    Extension,
    Kind,
    KindTotals,
    LayerRate,
    Path,
    PayloadTypes,
    Route,
    RouteSwitched,
    SinkId,
    SinkParameters,
    SinkStats,
    SourceActive,
    SourceId,
    SourceParameters,
    SourceRates,
    SourceSilent,
    SourceStats,
    StunReceived,
    Switch,
    TransportId,
    TransportStats,
    VoiceStarted,
)
from sfu.engine.numbers import InitialNumbers

CODECS = tuple(Codec)
DROPS = tuple(Drop)
EXTENSIONS = (
    Extension.TRANSPORT_CC,
    Extension.AUDIO_LEVEL,
    Extension.ABS_SEND_TIME,
    Extension.VIDEO_ORIENTATION,
    Extension.DEPENDENCY_DESCRIPTOR,
    Extension.MID,
    Extension.RID,
    Extension.REPAIRED_RID,
)
"""In the order of core/names.h; so are CODECS and DROPS."""

ADDRESS_SIZE = 34
NOWHERE = bytes(ADDRESS_SIZE)

_MAPPED = b"\0" * 10 + b"\xff\xff"
_UNKNOWN = bytes(16)
_NONE = 255
SWITCHES = tuple(Switch)
ESTIMATORS = tuple(BandwidthSource)

_PORTS = range(1 << 16)
_PAYLOAD_TYPES = range(128)
_LAYERS = range(8)
_EXTENSION_IDS = range(1, 256)

_RECORD = Struct("<BI")
_ID = Struct("<Q")
_TWO_IDS = Struct("<QQ")
_THREE = Struct("<QQQ")


class Command(IntEnum):
    OPEN_TRANSPORT = 1
    SET_UFRAGS = 2
    SET_EXTENSIONS = 3
    EXPECT_STUN = 4
    VALIDATE_PATH = 5
    SELECT_PATH = 6
    START_SRTP = 7
    CLOSE_TRANSPORT = 8
    OPEN_SOURCE = 9
    CLOSE_SOURCE = 10
    OPEN_SINK = 11
    CLOSE_SINK = 12
    ROUTE = 13
    SET_RECEIVE_LIMIT = 14
    SEND = 15
    SET_TARGET = 16


def _pack(record: Struct, *values: int) -> bytes:
    """Raises ValueError for a number that does not fit."""
    try:
        return record.pack(*values)
    except StructError:
        raise ValueError(f"not all of {values} fit into {record.format!r}") from None


def _check(name: str, number: int, valid: range) -> int:
    """`number`. Raises ValueError if it is not valid."""
    if number not in valid:
        raise ValueError(f"{name} {number} is not in {valid.start}..{valid.stop - 1}")
    return number


# Addresses


@lru_cache(maxsize=4096)
def encode_path(path: Path) -> bytes:
    """Raises ValueError for what is no IP address or no port."""
    port = _check("port", path.port, _PORTS).to_bytes(2, "big")
    return _encode_host(path.host) + port + _encode_host(path.local)


@lru_cache(maxsize=4096)
def decode_path(address: bytes) -> Path:
    port = int.from_bytes(address[16:18], "big")
    return Path(_decode_host(address[:16]), port, _decode_host(address[18:]))


def _encode_host(host: str) -> bytes:
    try:
        if ":" in host:
            return socket.inet_pton(socket.AF_INET6, host)
        return _MAPPED + socket.inet_pton(socket.AF_INET, host) if host else _UNKNOWN
    except OSError:
        raise ValueError(f"{host!r} is no IP address") from None


def _decode_host(host: bytes) -> str:
    if host == _UNKNOWN:
        return ""
    if host.startswith(_MAPPED):
        return socket.inet_ntoa(host[12:])
    return socket.inet_ntop(socket.AF_INET6, host)


# Commands


def command(kind: Command, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _RECORD.pack(kind, len(body)) + body


def identifier(number: int) -> bytes:
    return _pack(_ID, number)


def numbers(first: int, second: int) -> bytes:
    return _pack(_TWO_IDS, first, second)


def target(transport: TransportId, bitrate: int, probe: int) -> bytes:
    return _pack(_THREE, transport, bitrate, probe)


def optional_path(path: Path | None) -> bytes:
    return b"\0" + NOWHERE if path is None else b"\1" + encode_path(path)


def text(value: str) -> bytes:
    """Raises ValueError for more than 255 bytes."""
    encoded = value.encode()
    if len(encoded) > 255:
        raise ValueError(f"{value[:20]!r}… is longer than 255 bytes")
    return bytes((len(encoded),)) + encoded


def texts(values: Sequence[str]) -> bytes:
    return bytes((len(values),)) + b"".join(map(text, values))


def extensions(ids: Mapping[Extension, int]) -> bytes:
    return bytes((len(ids),)) + b"".join(
        bytes((EXTENSIONS.index(extension), _check("extension id", number, _EXTENSION_IDS)))
        for extension, number in ids.items()
    )


def payload_types(types: Mapping[Codec, PayloadTypes]) -> bytes:
    return bytes((len(types),)) + b"".join(
        bytes((CODECS.index(codec), *map(_payload_type, numbers)))
        for codec, numbers in types.items()
    )


def _payload_type(number: int | None) -> int:
    return _NONE if number is None else _check("payload type", number, _PAYLOAD_TYPES)


def _layer(number: int | None) -> int:
    return _NONE if number is None else _check("layer", number, _LAYERS)


_SSRCS = Struct("<BIBI")
_NUMBERS = Struct("<III")
_ROUTE = Struct("<QBQBBBB")


def _ssrcs(first: int | None, second: int | None) -> bytes:
    return _pack(_SSRCS, first is not None, first or 0, second is not None, second or 0)


def source(number: SourceId, parameters: SourceParameters) -> bytes:
    return b"".join(
        (
            numbers(number, parameters.transport),
            bytes((parameters.kind is Kind.VIDEO,)),
            text(parameters.mid),
            bytes((parameters.rid is not None,)),
            text(parameters.rid or ""),
            _ssrcs(parameters.ssrc, parameters.rtx_ssrc),
            bytes((parameters.nack,)),
            payload_types(parameters.payload_types),
        )
    )


def sink(number: SinkId, parameters: SinkParameters, initial: InitialNumbers) -> bytes:
    return b"".join(
        (
            numbers(number, parameters.transport),
            bytes((parameters.kind is Kind.VIDEO,)),
            _ssrcs(parameters.ssrc, parameters.rtx_ssrc)[1:],
            text(parameters.cname),
            payload_types(parameters.payload_types),
            extensions(parameters.extensions),
            _pack(_NUMBERS, *initial),
        )
    )


def route(wanted: Route) -> bytes:
    return _pack(
        _ROUTE,
        wanted.sink,
        wanted.source is not None,
        wanted.source or 0,
        SWITCHES.index(wanted.switch),
        wanted.paused,
        _layer(wanted.max_spatial),
        _layer(wanted.max_temporal),
    )


# Events

_SOURCE_ACTIVE = Struct("<QIB")
_ROUTE_SWITCHED = Struct("<QBQI")
_LEVEL = Struct("<QBB")
_RATES = Struct("<QB")
_RATE = Struct("<BBI")
_ESTIMATE = Struct("<QQB")
_COUNT = Struct("<I")


def _datagram(body: bytes) -> tuple[TransportId, Path, bytes]:
    end = 8 + ADDRESS_SIZE
    return TransportId(_ID.unpack_from(body)[0]), decode_path(body[8:end]), body[end:]


def _source_active(body: bytes) -> SourceActive:
    number, ssrc, codec = _SOURCE_ACTIVE.unpack(body)
    return SourceActive(SourceId(number), ssrc, CODECS[codec])


def _route_switched(body: bytes) -> RouteSwitched:
    number, present, shown, timestamp = _ROUTE_SWITCHED.unpack(body)
    return RouteSwitched(SinkId(number), SourceId(shown) if present else None, timestamp)


def _audio_levels(body: bytes) -> AudioLevels:
    levels, recent, position = {}, {}, 0
    while position < len(body):
        number, level, count = _LEVEL.unpack_from(body, position)
        position += _LEVEL.size
        levels[SourceId(number)] = level
        if count:
            recent[SourceId(number)] = body[position : position + count]
        position += count
    return AudioLevels(levels, recent)


def _source_rates(body: bytes) -> SourceRates:
    rates, position = {}, 0
    while position < len(body):
        number, count = _RATES.unpack_from(body, position)
        start = position + _RATES.size
        position = start + count * _RATE.size
        layers = _RATE.iter_unpack(body[start:position])
        rates[SourceId(number)] = tuple(LayerRate(*layer) for layer in layers)
    return SourceRates(rates)


def _bandwidth_estimate(body: bytes) -> BandwidthEstimate:
    number, bitrate, by = _ESTIMATE.unpack(body)
    return BandwidthEstimate(TransportId(number), bitrate, ESTIMATORS[by])


_DECODE: Mapping[int, Callable[[bytes], Event]] = {
    1: lambda body: StunReceived(*_datagram(body)),
    2: lambda body: DtlsReceived(*_datagram(body)),
    3: _source_active,
    4: lambda body: SourceSilent(SourceId(*_ID.unpack(body))),
    5: _route_switched,
    6: lambda body: VoiceStarted(SourceId(*_ID.unpack(body))),
    7: _audio_levels,
    8: lambda body: EventsLost(*_COUNT.unpack(body)),
    9: _bandwidth_estimate,
    10: _source_rates,
}


def decode_events(encoded: bytes) -> Iterator[Event]:
    position = 0
    while position < len(encoded):
        kind, size = _RECORD.unpack_from(encoded, position)
        start = position + _RECORD.size
        position = start + size
        yield _DECODE[kind](encoded[start:position])


# Statistics

_ALL_DROPS = Struct(f"<{len(DROPS)}Q")
_TRANSPORT = Struct("<QQQQQBQBQQQB")
_DROP = Struct("<BQ")
_SOURCE = Struct("<QQQqQQQQd")
_SINK = Struct("<QQQQQQdBd")
_SUMS = Struct("<6Q")
_KIND_TOTALS = Struct("<12Q")
_KINDS = (Kind.AUDIO, Kind.VIDEO)


class _Reader:
    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._position = 0

    def read(self, record: Struct) -> tuple[Any, ...]:
        values = record.unpack_from(self._encoded, self._position)
        self._position += record.size
        return values

    def count(self) -> range:
        return range(self.read(_COUNT)[0])


def decode_stats(encoded: bytes) -> EngineStats:
    reader = _Reader(encoded)
    counts = reader.read(_ALL_DROPS)
    drops = {drop: count for drop, count in zip(DROPS, counts, strict=True) if count}
    transports = dict(_transport(reader) for _ in reader.count())
    sources = dict(_source(reader) for _ in reader.count())
    sinks = dict(_sink(reader) for _ in reader.count())
    return EngineStats(drops, transports, sources, sinks)


def decode_totals(encoded: bytes) -> EngineTotals:
    reader = _Reader(encoded)
    counts = reader.read(_ALL_DROPS)
    drops = {drop: count for drop, count in zip(DROPS, counts, strict=True) if count}
    received, bytes_received, sent, bytes_sent, full_intra, switches = reader.read(_SUMS)
    kinds = {kind: KindTotals(*reader.read(_KIND_TOTALS)) for kind in _KINDS}
    return EngineTotals(
        drops, received, bytes_received, sent, bytes_sent, full_intra, switches, kinds
    )


def _transport(reader: _Reader) -> tuple[TransportId, TransportStats]:
    number, received, bytes_received, sent, bytes_sent, *others = reader.read(_TRANSPORT)
    has_remb, remb, has_estimate, estimate, padding, queued, kinds = others
    dropped = (reader.read(_DROP) for _ in range(kinds))
    stats = TransportStats(
        datagrams_received=received,
        bytes_received=bytes_received,
        datagrams_sent=sent,
        bytes_sent=bytes_sent,
        drops={DROPS[index]: count for index, count in dropped},
        remb=remb if has_remb else None,
        estimate=estimate if has_estimate else None,
        padding_bytes=padding,
        queued_bytes=queued,
    )
    return TransportId(number), stats


def _source(reader: _Reader) -> tuple[SourceId, SourceStats]:
    number, *counters = reader.read(_SOURCE)
    return SourceId(number), SourceStats(*counters)


def _sink(reader: _Reader) -> tuple[SinkId, SinkStats]:
    number, packets, size, again, nacks, pleas, lost, has_round_trip, round_trip = reader.read(
        _SINK
    )
    return SinkId(number), SinkStats(
        packets, size, again, nacks, pleas, lost, round_trip if has_round_trip else None
    )
