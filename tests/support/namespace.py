"""A network of one's own, so that no packet of a browser leaves the machine.

Linux keeps the network namespace per thread and hands it to child processes. So it suffices that
the thread running the test steps into a new one: its sockets, servers and browsers follow.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNET = 0x40000000
"""linux/sched.h"""
OWN_NAMESPACE = Path("/proc/thread-self/ns/net")
LAN_ADDRESS = "10.77.0.1"
"""This machine's address on the only network it sees beside loopback."""

IP = shutil.which("ip") or "/usr/sbin/ip"
# A veth pair, since not every kernel has dummy interfaces. Without a default route Firefox finds
# no ICE candidate at all; nobody is at its other end.
SET_UP = f"""\
link set lo up
link add lan0 type veth peer name lan1
link set lan1 up
address add {LAN_ADDRESS}/24 dev lan0
link set lan0 up
route add default via 10.77.0.2
"""

libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def isolated_network() -> Iterator[None]:
    """Let the calling thread see only loopback and an empty LAN.

    Raises PermissionError where the user may not do that.
    """
    with OWN_NAMESPACE.open("rb") as outside:
        _check(libc.unshare(CLONE_NEWNET))
        try:
            subprocess.run([IP, "-batch", "-"], input=SET_UP, text=True, check=True)  # noqa: S603 - no shell
            yield
        finally:
            _check(libc.setns(outside.fileno(), CLONE_NEWNET))


def _check(result: int) -> None:
    if result == 0:
        return
    error = ctypes.get_errno()
    raise PermissionError(
        error,
        f"{os.strerror(error)}: browser tests need a network namespace; be root, or start pytest by"
        " `unshare --user --net --map-current-user --keep-caps sh -c 'ip link set lo up; pytest'`",
    )
