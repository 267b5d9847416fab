"""Child processes that never outlive us, and the user they run as.

Linux sends a child its PR_SET_PDEATHSIG when the *thread* that forked it ends, so children are
started on the main thread only; and a change of user clears the setting, so it is made afterwards.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

PR_SET_PDEATHSIG = 1
"""<linux/prctl.h>"""
UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """The user a child runs as."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> Account:
        return cls(os.getuid(), os.getgid())

    @classmethod
    def unprivileged(cls) -> Account:
        """Ourselves, or for root somebody without rights: PostgreSQL refuses to run as root.

        Raises KeyError where there is no such user.
        """
        if os.getuid() != 0:
            return cls.current()
        entry = pwd.getpwnam(UNPRIVILEGED)
        return cls(entry.pw_uid, entry.pw_gid)


def spawn(
    command: Sequence[str], account: Account, output: IO[bytes], descriptors: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a child with the given open descriptors; it gets SIGINT when this process dies.

    Raises PermissionError where the account may not reach the program.
    """
    changes_user = account != Account.current()
    return subprocess.Popen(  # noqa: S603 - our own programs
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=descriptors,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=account.uid if changes_user else None,
        group=account.gid if changes_user else None,
        extra_groups=() if changes_user else None,
        start_new_session=True,  # the terminal's Ctrl-C is for us alone
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - see there
    )


def _die_with(parent: int) -> Callable[[], None]:
    """Other threads may run when we fork, so the child calls nothing that could wait for a lock."""
    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        if prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)

    return prepare


async def wait(process: subprocess.Popen[bytes]) -> int:
    """The exit status, once the child has ended. Nobody else may `poll` or `wait` for it."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return process.wait()
