"""What handlers need, kept in the application."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from aiohttp import web

from api.addresses import Addresses
from api.avatars import AvatarMaker
from api.limits import Limiter, Sockets
from api.markdown import Renderer
from api.passwords import Passwords
from api.throttle import Throttle
from api.tokens import Tokens
from db.audit import Audit
from db.avatars import Avatars
from db.blogs import Blogs
from db.credentials import Credentials
from db.idempotency import IdempotencyKeys
from db.invitations import Invitations
from db.meetings import Meetings
from db.pool import Database
from db.sessions import Sessions
from db.users import Users
from sfu.server import MediaServer
from signaling.chat import Chat
from signaling.correlation import Tracer
from signaling.socket import Gateway

DATABASE = web.AppKey("database", Database)
MEDIA = web.AppKey("media", MediaServer)
PUBLIC_URL = web.AppKey("public_url", str)
ADDRESSES = web.AppKey("addresses", Addresses)
IDEMPOTENCY_KEYS = web.AppKey("idempotency_keys", IdempotencyKeys)
CERTIFIED = web.AppKey("certified", bool)
"""TLS is served with a certificate of the operator's."""
CORS_ORIGINS = web.AppKey("cors_origins", tuple[str, ...])
DATA_DIR = web.AppKey("data_dir", Path)
STARTED_AT = web.AppKey("started_at", datetime)
SOCKETS = web.AppKey("sockets", Sockets)
LIMITER = web.AppKey("limiter", Limiter)
SIGNUP = web.AppKey("signup", str)
"""The setting: open, invite or closed."""
CREDENTIALS = web.AppKey("credentials", Credentials)
INVITATIONS = web.AppKey("invitations", Invitations)
SESSIONS = web.AppKey("sessions", Sessions)
USERS = web.AppKey("users", Users)
AVATARS = web.AppKey("avatars", Avatars)
AVATAR_MAKER = web.AppKey("avatar_maker", AvatarMaker)
AUDIT = web.AppKey("audit", Audit)
BLOGS = web.AppKey("blogs", Blogs)
MARKDOWN = web.AppKey("markdown", Renderer)
MEETINGS = web.AppKey("meetings", Meetings)
TOKENS = web.AppKey("tokens", Tokens)
PASSWORDS = web.AppKey("passwords", Passwords)
THROTTLE = web.AppKey("throttle", Throttle)
GATEWAY = web.AppKey("gateway", Gateway)
TRACER = web.AppKey("tracer", Tracer)
CHAT = web.AppKey("chat", Chat)
