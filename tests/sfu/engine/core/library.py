"""The leaves of the C core as a shared library of its own, so that each can be compared with the
Python module it must agree with."""

from __future__ import annotations

import ctypes
import mmap
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import (
    POINTER,
    c_bool,
    c_double,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parents[4] / "sfu/engine/core"
LEAVES = (
    *("rtp", "payload", "vp8", "vp9", "h264", "av1", "rtcp_read", "rtcp_write"),
    *("dependency", "descriptor", "red"),
    *("nack", "reception", "clock", "levels", "demux", "twcc"),
    *("trendline", "lateness", "outflow", "acknowledged", "losses", "probing", "estimator"),
)
FLAGS = ("-std=gnu11", "-O1", "-g", "-fPIC", "-fno-strict-aliasing", "-ffp-contract=off")
SHARED = ("-shared", "-Wl,--wrap=malloc,--wrap=realloc")
SANITIZE = ("-fsanitize=undefined,bounds,float-cast-overflow", "-fno-sanitize-recover=all")


class RtpPacket(ctypes.Structure):
    _fields_ = (
        ("ssrc", c_uint32),
        ("timestamp", c_uint32),
        ("sequence", c_uint16),
        ("payload_type", c_uint8),
        ("marker", c_bool),
        ("has_extension", c_bool),
        ("extension_profile", c_uint16),
        ("extension", c_void_p),
        ("extension_size", c_size_t),
        ("payload", c_void_p),
        ("payload_size", c_size_t),
        ("size", c_size_t),
    )


class PacketResult(ctypes.Structure):
    _fields_ = (
        ("sent_at", c_double),
        ("received_at", c_double),
        ("size", c_uint32),
        ("probe", c_uint8),
        ("told_lost", c_bool),
    )


class Probe(ctypes.Structure):
    _fields_ = (
        ("cluster", c_uint8),
        ("bitrate", c_uint64),
        ("packets", c_uint32),
        ("bytes", c_uint32),
    )


class RtpElement(ctypes.Structure):
    _fields_ = (("id", c_uint8), ("size", c_uint8), ("value", c_void_p))


class RtpElements(ctypes.Structure):
    _fields_ = (
        ("at", c_void_p),
        ("end", c_void_p),
        ("two_byte", c_bool),
        ("malformed", c_bool),
    )


class Picture(ctypes.Structure):
    _fields_ = (
        ("picture_id_at", c_uint16),
        ("tl0picidx_at", c_uint16),
        ("picture_id", c_uint16),
        ("tl0picidx", c_uint8),
        ("wide", c_bool),
    )


class Layer(ctypes.Structure):
    _fields_ = (("spatial", c_uint8), ("temporal", c_uint8))


class Placing(ctypes.Structure):
    _fields_ = (
        ("layer", Layer),
        ("begins", c_bool),
        ("ends", c_bool),
        ("sync", c_bool),
        ("switch_up", c_bool),
        ("independent", c_bool),
    )


class Description(ctypes.Structure):
    _fields_ = (
        ("joinable", c_bool),
        ("has_picture", c_bool),
        ("has_placing", c_bool),
        ("picture", Picture),
        ("placing", Placing),
    )


class DependencyStructure(ctypes.Structure):
    _fields_ = (
        ("references", c_int),
        ("first_template", c_uint8),
        ("template_count", c_uint8),
        ("target_count", c_uint8),
        ("chain_count", c_uint8),
        ("layers", Layer * 64),
        ("indications", c_uint64 * 64),
        ("targets", Layer * 32),
        ("needs", c_uint64 * 32),
    )


class Dependency(ctypes.Structure):
    _fields_ = (
        ("has_structure", c_bool),
        ("has_active", c_bool),
        ("target_count", c_uint8),
        ("layer", Layer),
        ("indications", c_uint64),
        ("active", c_uint32),
        ("active_at", c_uint16),
        ("end", c_uint16),
    )


class Descriptor(ctypes.Structure):
    _fields_ = (
        ("structure", POINTER(DependencyStructure)),
        ("frame", Dependency),
        ("size", c_uint8),
    )


class DescriptorReader(ctypes.Structure):
    _fields_ = (
        ("structure", POINTER(DependencyStructure)),
        ("active", c_uint32),
        ("sequence", c_int64),
    )


class Red(ctypes.Structure):
    _fields_ = (("blocks", c_uint16), ("primary", c_uint16))


class ReportBlock(ctypes.Structure):
    _fields_ = (
        ("ssrc", c_uint32),
        ("fraction_lost", c_uint8),
        ("packets_lost", c_int32),
        ("highest_sequence", c_uint32),
        ("jitter", c_uint32),
        ("lsr", c_uint32),
        ("dlsr", c_uint32),
    )


class Unwrapper(ctypes.Structure):
    _fields_ = (("highest", c_int64),)


class NackGenerator(ctypes.Structure):
    _fields_ = (
        ("unwrapper", Unwrapper),
        ("gaps", c_void_p),
        ("count", c_size_t),
        ("room", c_size_t),
        ("round_trip", c_double),
        ("next_due", c_double),
    )


class Reception(ctypes.Structure):
    _fields_ = (
        ("clock_rate", c_int),
        ("unwrapper", Unwrapper),
        ("base", c_int64),
        ("packets", c_int64),
        ("expected_before", c_int64),
        ("received_before", c_int64),
        ("arrival", c_double),
        ("timestamp", c_uint32),
        ("jitter", c_double),
        ("report_ntp", c_uint64),
        ("report_time", c_double),
        ("has_report", c_bool),
    )


class LevelMeter(ctypes.Structure):
    _fields_ = (
        ("speaking", c_bool),
        ("has_packet", c_bool),
        ("voiced_in_a_row", c_int),
        ("last_voice", c_double),
        ("last_packet", c_double),
        ("smooth", c_double),
        ("recent_count", c_uint8),
        ("recent", c_uint8 * 16),
    )


class TwccReader(ctypes.Structure):
    _fields_ = (
        ("base", c_uint16),
        ("count", c_uint16),
        ("chunk", c_void_p),
        ("delta", c_void_p),
        ("sequence", c_uint16),
        ("left", c_uint16),
        ("index", c_uint16),
        ("ticks", c_uint32),
    )


class TwccStatus(ctypes.Structure):
    _fields_ = (
        ("sequence", c_uint16),
        ("count", c_uint16),
        ("received", c_bool),
        ("ticks", c_uint32),
    )


SenderReportFunction = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_uint64, c_uint32)
ReportBlockFunction = ctypes.CFUNCTYPE(None, c_void_p, POINTER(ReportBlock))
NackFunction = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, POINTER(c_uint16), c_size_t)
KeyframeWantedFunction = ctypes.CFUNCTYPE(None, c_void_p, c_uint32)
RembFunction = ctypes.CFUNCTYPE(None, c_void_p, c_uint64)
ArrivalsFunction = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_size_t)


class RtcpListener(ctypes.Structure):
    _fields_ = (
        ("sender_report", SenderReportFunction),
        ("report_block", ReportBlockFunction),
        ("nack", NackFunction),
        ("keyframe_wanted", KeyframeWantedFunction),
        ("remb", RembFunction),
        ("arrivals", ArrivalsFunction),
    )


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "rtp_packet": RtpPacket,
    "rtp_element": RtpElement,
    "rtp_elements": RtpElements,
    "picture": Picture,
    "description": Description,
    "dependency_structure": DependencyStructure,
    "dependency": Dependency,
    "descriptor": Descriptor,
    "descriptor_reader": DescriptorReader,
    "red": Red,
    "report_block": ReportBlock,
    "nack_generator": NackGenerator,
    "reception": Reception,
    "level_meter": LevelMeter,
    "rtcp_listener": RtcpListener,
    "twcc_reader": TwccReader,
    "twcc_status": TwccStatus,
}

_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "rtp_parse": (c_bool, (c_void_p, c_size_t, POINTER(RtpPacket))),
    "rtp_elements_begin": (None, (POINTER(RtpPacket), POINTER(RtpElements))),
    "rtp_next_element": (c_bool, (POINTER(RtpElements), POINTER(RtpElement))),
    "rtp_write_extension": (c_size_t, (c_void_p, POINTER(RtpElement), c_size_t)),
    "rtp_write_header": (
        None,
        (c_void_p, c_bool, c_uint8, c_bool, c_uint16, c_uint32, c_uint32),
    ),
    "payload_describe": (c_bool, (c_int, c_void_p, c_size_t, POINTER(Description))),
    **{
        f"{codec}_describe": (c_bool, (c_void_p, c_size_t, POINTER(Description)))
        for codec in ("vp8", "vp9", "h264", "av1")
    },
    "descriptor_reader_clear": (None, (POINTER(DescriptorReader),)),
    "descriptor_new": (
        POINTER(Descriptor),
        (POINTER(DescriptorReader), c_void_p, c_size_t, c_int64),
    ),
    "descriptor_free": (None, (POINTER(Descriptor),)),
    "descriptor_write": (
        c_size_t,
        (POINTER(Descriptor), c_uint16, POINTER(c_uint32), c_void_p),
    ),
    "dependency_within": (c_uint32, (POINTER(DependencyStructure), c_int)),
    "red_read": (c_bool, (c_void_p, c_size_t, c_uint8, POINTER(Red))),
    "red_relabel": (None, (c_void_p, Red, c_uint8)),
    "picture_patch": (None, (c_void_p, POINTER(Picture), c_uint16, c_uint8)),
    "rtcp_read": (c_bool, (c_void_p, c_size_t, POINTER(RtcpListener), c_void_p)),
    "rtcp_write_sender_report": (
        c_size_t,
        (c_void_p, c_uint32, c_uint64, c_uint32, c_uint32, c_uint32),
    ),
    "rtcp_write_receiver_report": (
        c_size_t,
        (c_void_p, c_uint32, POINTER(ReportBlock), c_size_t),
    ),
    "rtcp_write_cname": (c_size_t, (c_void_p, c_uint32, c_void_p, c_size_t)),
    "rtcp_write_nack": (c_size_t, (c_void_p, c_uint32, c_uint32, POINTER(c_uint16), c_size_t)),
    "rtcp_write_pli": (c_size_t, (c_void_p, c_uint32, c_uint32)),
    "rtcp_write_remb": (c_size_t, (c_void_p, c_uint32, c_uint64, POINTER(c_uint32), c_size_t)),
    "nack_init": (None, (POINTER(NackGenerator),)),
    "nack_free": (None, (POINTER(NackGenerator),)),
    "nack_received": (None, (POINTER(NackGenerator), c_uint16, c_double)),
    "nack_due": (c_size_t, (POINTER(NackGenerator), c_double, POINTER(c_uint16))),
    "nack_clear_before": (None, (POINTER(NackGenerator), c_uint16)),
    "reception_init": (None, (POINTER(Reception), c_int)),
    "reception_received": (None, (POINTER(Reception), c_uint16, c_uint32, c_double)),
    "reception_sender_report": (None, (POINTER(Reception), c_uint64, c_double)),
    "reception_lost": (c_int64, (POINTER(Reception),)),
    "reception_report": (
        c_bool,
        (POINTER(Reception), c_uint32, c_double, POINTER(ReportBlock)),
    ),
    "ntp64": (c_uint64, (c_double,)),
    "round_trip": (c_double, (c_uint64, c_uint32, c_uint32)),
    "transport_clock_new": (c_void_p, ()),
    "transport_clock_release": (None, (c_void_p,)),
    "source_clock_new": (c_void_p, (c_int, c_void_p)),
    "source_clock_release": (None, (c_void_p,)),
    "source_clock_received": (None, (c_void_p, c_uint32, c_double)),
    "source_clock_sender_report": (None, (c_void_p, c_uint64, c_uint32, c_double)),
    "source_clock_server_time": (c_bool, (c_void_p, c_uint32, POINTER(c_double))),
    "source_clock_timestamp_at": (c_bool, (c_void_p, c_double, POINTER(c_uint32))),
    "level_meter_init": (None, (POINTER(LevelMeter),)),
    "level_meter_update": (c_bool, (POINTER(LevelMeter), c_uint8, c_double)),
    "level_meter_level": (c_int, (POINTER(LevelMeter), c_double)),
    "level_meter_take_recent": (c_size_t, (POINTER(LevelMeter), c_void_p)),
    "twcc_read": (c_bool, (c_void_p, c_size_t, POINTER(TwccReader))),
    "twcc_next": (c_bool, (POINTER(TwccReader), POINTER(TwccStatus))),
    "twcc_write": (
        c_size_t,
        (
            *(c_void_p, c_uint32, c_uint32, c_uint8, c_uint16),
            *(POINTER(c_uint32), c_size_t, POINTER(c_size_t)),
        ),
    ),
    "estimator_init": (None, (c_void_p, c_double)),
    "estimator_feedback": (
        None,
        (c_void_p, c_double, POINTER(PacketResult), c_size_t, c_double),
    ),
    "estimator_tick": (None, (c_void_p, c_double)),
    "estimator_bitrate": (c_uint64, (c_void_p,)),
    "estimator_pace": (c_uint64, (c_void_p,)),
    "estimator_set_target": (None, (c_void_p, c_double, c_uint64, c_uint64)),
    "estimator_next_probe": (c_bool, (c_void_p, c_double, POINTER(Probe))),
    "size_of_estimator": (c_size_t, ()),
    "classify": (c_int, (c_void_p, c_size_t)),
    "stun_ufrag": (c_bool, (c_void_p, c_size_t, POINTER(c_void_p), POINTER(c_size_t))),
}


def build(compiler: str, directory: Path) -> ctypes.CDLL:
    """Compiles the leaves, with all checks for undefined behaviour where the compiler has them."""
    library = directory / "leaves.so"
    if _compile(compiler, library, SANITIZE).returncode != 0:
        result = _compile(compiler, library, ())
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
    core = ctypes.CDLL(str(library))
    for name, (result_type, argument_types) in _SIGNATURES.items():
        function = getattr(core, name)
        function.restype = result_type
        function.argtypes = argument_types
    return core


def _compile(
    compiler: str, library: Path, extra: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    glue = library.with_name("glue.c")
    glue.write_text(_sizes() + _MEMORY)
    sources = [str(SOURCES / f"{leaf}.c") for leaf in LEAVES]
    command = [compiler, *FLAGS, *extra, *SHARED, f"-I{SOURCES}", "-o", str(library)]
    return subprocess.run(  # noqa: S603
        [*command, str(glue), *sources, "-lm"], capture_output=True, text=True, check=False
    )


def _sizes() -> str:
    """A function for each structure that is written down here a second time."""
    headers = (
        *("rtp", "payload", "descriptor", "red", "rtcp", "nack", "reception", "levels", "twcc"),
        *("probing", "estimator"),
    )
    lines = [f'#include "{header}.h"' for header in headers]
    for name in (*STRUCTURES, "estimator"):
        lines.append(f"size_t size_of_{name}(void) {{ return sizeof(struct {name}); }}")
    return "\n".join(lines) + "\n"


_MEMORY = """
#include <stdlib.h>

int no_memory = 0;
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size) {
    return no_memory ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size) {
    return no_memory ? NULL : __real_realloc(old, size);
}
"""


@contextmanager
def no_memory(core: ctypes.CDLL) -> Iterator[None]:
    """The leaves get none within this."""
    switch = c_int.in_dll(core, "no_memory")
    switch.value = 1
    try:
        yield
    finally:
        switch.value = 0


def find_compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


class Edge:
    """Puts bytes right before a page that cannot be read: who reads beyond their end, crashes."""

    def __init__(self) -> None:
        self._pages = mmap.mmap(-1, 2 * mmap.PAGESIZE)
        start = ctypes.addressof(c_uint8.from_buffer(self._pages))
        self._end = start + mmap.PAGESIZE
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(c_void_p(self._end), c_size_t(mmap.PAGESIZE), 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")

    def put(self, data: bytes) -> int:
        """The address of `data`, at most a page, until the next call."""
        address = self._end - len(data)
        ctypes.memmove(address, data, len(data))
        return address
