"""A network of our own with one address that is not loopback: some servers use no other.

Packets between two local addresses never leave the loopback device, whichever interface has the
addresses, so this costs every server the same as 127.0.0.1.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from typing import Final

HOST: Final = "10.99.0.1"
_CLONE_NEWNET: Final = 0x40000000
"""linux/sched.h"""
# A pair, since not every kernel has dummy interfaces. Nobody is at its other end.
_SET_UP: Final = f"""\
link set lo up
link add bench0 type veth peer name bench1
link set bench1 up
address add {HOST}/24 dev bench0
link set bench0 up
"""


class NetworkError(Exception):
    """We may not, or cannot, make ourselves a network."""


def enter_own_network() -> None:
    """For good, this thread and the processes it starts from now on."""
    command = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    if command is None:
        raise NetworkError("`ip` is missing (Debian: apt-get install iproute2)")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise NetworkError(
            f"{os.strerror(ctypes.get_errno())}: only root may make a network namespace; others as "
            "root of a user namespace: unshare --user --map-current-user --keep-caps python -m …"
        )
    done = subprocess.run(  # noqa: S603
        [command, "-batch", "-"], input=_SET_UP, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise NetworkError(f"no network interface: {done.stderr.strip()}")
