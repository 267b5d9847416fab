"""The outer form of a session description, and what each attribute's value must look like.

The grammar is a table of patterns; parsing is matching. All numbers are bounded by their digits,
so that nothing later has to fear a huge one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sfu.errors import OfferError

MAX_CHARACTERS = 256 * 1024
MAX_LINES = 8000
"""A browser's offer of 25 video and 28 audio slots with every codec it knows has about 5,000."""
MAX_MEDIA = 64

_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]"  # noqa: S105 - a grammar rule of RFC 8866, no secret
_DIRECTION = r"sendrecv|sendonly|recvonly|inactive"

PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "m=": r"([a-z]{1,16}) ([0-9]{1,5})(?:/[0-9]{1,5})? ([A-Za-z0-9/]{1,32}) (\S.{0,1023})",
        "extmap": rf"([0-9]{{1,5}})(?:/({_DIRECTION}))? (\S{{1,255}})(?: .*)?",
        "fingerprint": r"(\S{1,16}) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){0,63})",
        "fmtp": r"([0-9]{1,3}) (.*)",
        "group": rf"(\S+)((?: {_TOKEN}+)*)",
        "ice-pwd": r"([A-Za-z0-9+/]{22,256})",
        "ice-ufrag": r"([A-Za-z0-9+/]{4,256})",
        "mid": rf"({_TOKEN}{{1,32}})",
        "rid": r"([A-Za-z0-9_-]{1,16}) (send|recv)(?: .*)?",
        "rtcp-fb": r"([0-9]{1,3}|\*) (\S.*)",
        "rtpmap": r"([0-9]{1,3}) (\S{1,32}?)/([0-9]{1,6})(?:/([0-9]{1,2}))?",
        "setup": r"(active|passive|actpass|holdconn)",
        "simulcast": r"(?:(?:recv \S+ )?send (\S+)(?: recv \S+)?|recv \S+)",
        "ssrc": r"([0-9]{1,10})(?: .*)?",
        "ssrc-group": r"(\S+)((?: [0-9]{1,10})+)",
    }.items()
}

_LINE = re.compile("[a-z]=[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
"""Without what could break a line elsewhere, or cannot be encoded."""


@dataclass(slots=True)
class Section:
    """The session level, or one m-line with what follows it."""

    media: str | None = None
    """The value of the m-line."""
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.attributes

    def match(self, name: str) -> re.Match[str] | None:
        """The first value of an attribute, as its pattern sees it; None where there is none."""
        values = self.attributes.get(name)
        return match(name, values[0]) if values else None

    def match_all(self, name: str) -> list[re.Match[str]]:
        return [match(name, value) for value in self.attributes.get(name, ())]


def match(name: str, value: str) -> re.Match[str]:
    found = PATTERNS[name].fullmatch(value)
    if found is None:
        raise OfferError(f"malformed {name}: {value[:80]!r}")
    return found


def split_sections(text: str) -> list[Section]:
    """The session level first, then each m-line. Raises OfferError."""
    sections = [Section()]
    first, *lines = _split_lines(text)
    if first != "v=0":
        raise OfferError("a description begins with v=0")
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            sections[-1].attributes.setdefault(name, []).append(value)
        elif line.startswith("m="):
            sections.append(Section(line[2:]))
    if len(sections) > MAX_MEDIA + 1:
        raise OfferError(f"more than {MAX_MEDIA} m-lines")
    return sections


def _split_lines(text: str) -> list[str]:
    if len(text) > MAX_CHARACTERS:
        raise OfferError(f"longer than {MAX_CHARACTERS} characters")
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise OfferError(f"more than {MAX_LINES} lines")
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line):
            raise OfferError(f"line {number} is malformed: {line[:80]!r}")
    return lines
