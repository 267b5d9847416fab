from collections.abc import Sequence

class Core:
    def __new__(cls, functions: tuple[int, int, int, int, int], unix_at_zero: float) -> Core:
        """`functions`: addresses of libsrtp's srtp_protect, srtp_unprotect, srtp_protect_rtcp,
        srtp_unprotect_rtcp and srtp_dealloc."""

    def handle(
        self, now: float, commands: bytes | bytearray, batch: Sequence[tuple[bytes, bytes]]
    ) -> tuple[list[tuple[bytes, bytes]], bytes, float | None]:
        """One round: datagrams with their addresses, events, and when the next must be.

        Raises ValueError for what is not encoded well, RuntimeError while the thread runs."""

    def start(self, socket: int, events: int, segment: bool = True) -> None:
        """Run on the socket in a thread of its own; `events` is an eventfd written when events
        wait, `segment` says whether to use GSO. Raises OSError, RuntimeError if it runs."""

    def post(self, commands: bytes | bytearray) -> None:
        """Raises BufferError if too many wait, RuntimeError without a thread."""

    def take_events(self) -> bytes: ...
    def notices(self) -> int: ...
    def stop(self) -> bytes:
        """Apply what was posted, send it, end the thread. The events nobody has taken."""

    def stats(self) -> bytes:
        """Raises TimeoutError if the thread does not answer within a second."""

    def totals(self) -> bytes:
        """The same."""

    def load(self) -> tuple[float, tuple[int, ...], float]:
        """Of the thread: seconds of the processor; datagrams by how long each took (core/thread.h);
        the sum of that in seconds. Raises RuntimeError without a thread."""

def run_srtp(function: int, session: int, packet: bytes) -> bytes:
    """Raises ValueError if libsrtp refuses the packet."""
