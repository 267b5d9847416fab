"""The media policy, as it is told to clients."""

from __future__ import annotations

from dataclasses import asdict

from sfu.policy import DEFAULT_POLICY
from signaling.messages import MediaPolicy

MEDIA_POLICY = MediaPolicy.model_validate(asdict(DEFAULT_POLICY))
