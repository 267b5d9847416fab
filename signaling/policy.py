"""The media policy, as it is told to clients."""

from __future__ import annotations

from dataclasses import asdict

from sfu import policy
from signaling.messages import MediaPolicy


def told(of: policy.MediaPolicy) -> MediaPolicy:
    return MediaPolicy.model_validate(asdict(of))


MEDIA_POLICY = told(policy.DEFAULT_POLICY)
