"""All operations of the HTTP API."""

from __future__ import annotations

from api import administration, auth, blogs, conversations, health, invitations, meetings, users
from api.operations import Operation, Routes

_ROUTES: tuple[Routes, ...] = (
    auth.routes,
    users.routes,
    administration.routes,
    invitations.routes,
    blogs.routes,
    conversations.routes,
    meetings.routes,
    health.routes,
)

OPERATIONS: tuple[Operation, ...] = tuple(
    operation for routes in _ROUTES for operation in routes.operations
)
