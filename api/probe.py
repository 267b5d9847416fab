"""`tertulia health`: asks the server on this machine whether it is ready, as containers do.

By the standard library alone: this runs every few seconds, and others take half a second to load.
"""

from __future__ import annotations

import json
import ssl
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address

from api.settings import Settings

TIMEOUT = 4.0
"""Seconds."""
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def probe(settings: Settings) -> tuple[bool, str]:
    """Whether it is, and what there is to say."""
    connection = _connection(settings)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        return False, f"No answer on port {settings.port}: {error}"
    finally:
        connection.close()
    if answer.status == HTTPStatus.OK:
        return True, "ready"
    return False, str(told.get("detail", answer.status))


def _connection(settings: Settings) -> HTTPConnection:
    own = ip_address(settings.host)
    host = LOOPBACK[own.version] if own.is_unspecified else str(own)
    if not settings.tls:
        return HTTPConnection(host, settings.port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname = False  # it is for other names, and we ask ourselves
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, settings.port, timeout=TIMEOUT, context=context)
