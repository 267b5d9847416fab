"""What a media server is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfu.engine.interface import Codec


@dataclass(frozen=True, slots=True)
class MediaSettings:
    port: int = 7882
    """UDP, of the first engine; the others have the ports after it. 0 is any free one for each."""
    host: str = "127.0.0.1"
    """Address to bind; 0.0.0.0 or :: is all."""
    tcp: bool = False
    """Serve media over TCP, too, on the same ports."""
    announced: tuple[tuple[str, int | None], ...] = ()
    """IP addresses and ports for clients, None being the port bound; empty: all local ones. The
    ports are the first engine's, as `port`."""
    engine: str = "auto"
    """auto, native or reference."""
    engines: int = 1
    """How many engines run beside each other."""
    camera_codec: Codec = Codec.VP8
    """What cameras are sent in."""
    speakers: int = 3
    """How many voices everybody hears at a time."""
    publish_limit: int = 6_000_000
    """Bits/s, told to each publisher by REMB."""

    def of_engine(self, number: int) -> MediaSettings:
        """Those of one of the engines alone, counted from 0."""
        announced = tuple((host, port and port + number) for host, port in self.announced)
        return replace(self, port=self.port and self.port + number, announced=announced, engines=1)
