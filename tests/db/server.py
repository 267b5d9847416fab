"""A process with an embedded PostgreSQL, for the tests to kill.

`python -m tests.db.server DATA_DIR` prints the postmaster's process id, then writes rows and prints
each one's number once it is committed.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from db.embedded import EmbeddedPostgres
from db.pool import Database


async def main(data_dir: Path) -> None:
    postgres = await EmbeddedPostgres.start(data_dir)
    print(postgres.pid, flush=True)  # noqa: T201 - for the test
    database = await Database.connect(postgres.address)
    await database.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER PRIMARY KEY)")
    for number in count(1):
        await database.execute("INSERT INTO numbers VALUES ($1)", number)
        print(number, flush=True)  # noqa: T201 - for the test


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
