"""What administrators see, and what they do to accounts. Each change is told in the audit trail."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from resource import getpagesize
from shutil import disk_usage

from api.avatars import avatar_path
from api.context import (
    AUDIT,
    DATA_DIR,
    DATABASE,
    GATEWAY,
    MEDIA,
    SIGNUP,
    SOCKETS,
    STARTED_AT,
    USERS,
)
from api.health import VERSION
from api.models.administration import (
    Account,
    AccountChanges,
    AccountsQuery,
    AuditEntry,
    AuditQuery,
    DatabaseHealth,
    Named,
    RunningMeeting,
    ServerHealth,
)
from api.operations import Access, Call, Cost, Routes, Versioned
from api.paging import Page, PageQuery, cursor, page
from api.problems import not_found
from api.users import delete_account, last_administrator, sign_out
from db import users
from db.audit import AuditRow
from db.pool import Database, DatabaseUnavailableError
from db.users import LastAdministratorError, UserRow
from sfu.traffic import Traffic
from signaling.hub import Hub
from signaling.meeting import LiveMeeting

_LAST = {HTTPStatus.CONFLICT: "Nobody would be left who could administer."}

routes = Routes("administration")


@routes.get("/admin/users", access=Access.ADMIN)
async def accounts(call: Call, query: AccountsQuery) -> Page[Account]:
    """List accounts, by name."""
    rows = await call.app[USERS].accounts(
        cursor(query, str, int),
        query.limit + 1,
        search=query.search,
        active=query.active,
        admin=query.admin,
    )
    return page(rows, query.limit, key=lambda row: (row.folded, row.id), shown=_account)


@routes.get("/admin/users/{user_id}", access=Access.ADMIN)
async def account(call: Call, user_id: int) -> Versioned[Account]:
    """An account, active or not."""
    return _versioned(await call.app[USERS].by_id(user_id))


@routes.patch(
    "/admin/users/{user_id}", access=Access.ADMIN, cost=Cost.WRITE, edits=True, problems=_LAST
)
async def edit(call: Call, user_id: int, body: AccountChanges) -> Versioned[Account]:
    """Deactivate or reactivate, promote or demote, or rename an account.

    Whoever is deactivated is signed out everywhere at once. The last active administrator cannot
    be deactivated or demoted.
    """
    changes = users.AccountChanges(body.name, body.is_active, body.is_admin)
    try:
        row = await call.app[USERS].administer(
            user_id, changes, call.if_match, actor_id=call.user_id
        )
    except LastAdministratorError:
        raise last_administrator() from None
    if row and not row.is_active:
        sign_out(call, user_id)
    return _versioned(row)


@routes.delete("/admin/users/{user_id}", access=Access.ADMIN, cost=Cost.WRITE, problems=_LAST)
async def delete(call: Call, user_id: int) -> None:
    """Delete an account, for good.

    What is deleted with it is told at `DELETE /users/me`. The last active administrator cannot be
    deleted.
    """
    await delete_account(call, user_id)


@routes.get("/admin/audit", access=Access.ADMIN)
async def audit(call: Call, query: AuditQuery) -> Page[AuditEntry]:
    """List what administrators did, the newest first."""
    rows = await call.app[AUDIT].entries(
        cursor(query, int),
        query.limit + 1,
        actor_id=query.actor,
        subject_id=query.subject,
        action=query.action,
    )
    return page(rows, query.limit, key=lambda row: (row.id,), shown=_entry)


@routes.get("/admin/meetings", access=Access.ADMIN)
async def meetings(call: Call, query: PageQuery) -> Page[RunningMeeting]:
    """List the meetings that somebody is in now, the longest running first."""
    hub = call.app[GATEWAY].hub
    after = cursor(query, datetime, str)
    rows = sorted(
        (each for each in hub.meetings.values() if after is None or _place(each) > after),
        key=_place,
    )[: query.limit + 1]
    figures = call.app[MEDIA].traffic()
    return page(
        rows,
        query.limit,
        key=_place,
        shown=lambda row: _running(row, hub, figures.get(row.id, Traffic())),
    )


@routes.get("/admin/server", access=Access.ADMIN)
async def server(call: Call) -> ServerHealth:
    """How the server is."""
    app, hub, disk = call.app, call.app[GATEWAY].hub, disk_usage(call.app[DATA_DIR])
    return ServerHealth(
        version=VERSION,
        started_at=app[STARTED_AT],
        engine=app[MEDIA].engine_name,
        engine_reason=app[MEDIA].engine_reason,
        engines=len(app[MEDIA].engines),
        signup=app[SIGNUP],
        cpu_seconds=time.process_time(),
        memory=_resident(),
        sockets=app[SOCKETS].open,
        sessions=len(hub.sessions),
        meetings=len(hub.meetings),
        participants=sum(len(meeting.members) for meeting in hub.meetings.values()),
        database=await _database(app[DATABASE]),
        disk_free=disk.free,
        disk_size=disk.total,
    )


def _place(meeting: LiveMeeting) -> tuple[datetime, str]:
    return meeting.began_at, meeting.id


def _running(meeting: LiveMeeting, hub: Hub, figures: Traffic) -> RunningMeeting:
    return RunningMeeting(
        id=meeting.id,
        title=meeting.row.title,
        host=Named(id=meeting.row.host_id, name=meeting.row.host_name),
        began_at=meeting.began_at,
        participants=len(meeting.members),
        waiting=len(hub.lobbies.of(meeting.id)),
        tracks=sum(len(member.media.publications) for member in meeting.members.values()),
        **asdict(figures),
    )


async def _database(database: Database) -> DatabaseHealth:
    usage = database.usage
    try:
        await database.one("SELECT 1")
    except DatabaseUnavailableError:
        reachable = False
    else:
        reachable = True
    return DatabaseHealth(reachable=reachable, connections=usage.in_use, max_connections=usage.most)


def _resident() -> int:
    """Bytes of memory; the second field of proc_pid_statm(5)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def _versioned(row: UserRow | None) -> Versioned[Account]:
    if row is None:
        raise not_found("account")
    shown = _account(row)
    return Versioned(shown, shown.version)


def _account(row: UserRow) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        avatar=avatar_path(row.id, row.avatar),
        is_active=row.is_active,
        is_admin=row.is_admin,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=named(row.actor_id, row.actor_name),
        action=row.action,
        subject=named(row.subject_id, row.subject_name),
        details=row.details,
    )


def named(user_id: int | None, name: str | None) -> Named | None:
    """Somebody that a row may tell of."""
    return None if user_id is None or name is None else Named(id=user_id, name=name)
