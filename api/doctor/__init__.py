"""`tertulia doctor`: is everything in place for a server to run, and what is to be done if not.

Each check looks at one thing and yields what it found. It changes nothing that a server would not
change at its start, and a running server does not mind it.
"""

from __future__ import annotations

from api.doctor import data, machine, network
from api.doctor.findings import Finding, Level
from api.settings import Settings

__all__ = ["Finding", "Level", "examine", "report"]

_WIDTH = max(map(len, Level))


async def examine(settings: Settings) -> list[Finding]:
    running = await network.is_running(settings)
    return [
        *machine.engine(settings),
        *network.web_port(settings, running=running),
        *network.media_ports(settings, running=running),
        *network.reach(settings),
        *network.certificate(settings),
        *machine.clock(),
        *machine.files(settings),
        *machine.buffers(),
        *data.directory(settings),
        *[finding async for finding in data.database(settings)],
    ]


def report(findings: list[Finding]) -> str:
    """A line for each, and what to do beneath."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:{_WIDTH}}  {finding.text}")
        if finding.advice:
            lines.append(f"{'':{_WIDTH}}  → {finding.advice}")
    worst = [sum(finding.level is level for finding in findings) for level in Level]
    good, warnings, problems = worst
    lines.append(f"{good} in order, {warnings} to look at, {problems} to be mended")
    return "\n".join(lines)
