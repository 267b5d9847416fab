"""docs/signaling.md tells the truth: its examples parse, its tables are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from signaling.limits import Limits
from signaling.messages import MAX_MESSAGE, MAX_SDP, ClosingReason, ErrorCode, ServerMessage
from signaling.parsing import parse
from signaling.policy import MEDIA_POLICY
from signaling.schema import document

TEXT = (Path(__file__).parents[2] / "docs" / "signaling.md").read_text(encoding="utf-8")
EXAMPLES: list[tuple[str, str]] = re.findall(r"```json (\w+)\n(.*?)```", TEXT, re.DOTALL)
SENT = [text for sender, text in EXAMPLES if sender == "client"]
RECEIVED = [text for sender, text in EXAMPLES if sender == "server"]
SERVER_MESSAGE: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
SCHEMAS = document()["components"]["schemas"]


def section(title: str) -> str:
    return re.split(r"\n#+ ", TEXT.split(f"# {title}\n")[1])[0]


def codes(table: str) -> list[str]:
    """First column."""
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def types(examples: list[str]) -> set[str]:
    return {json.loads(example)["type"] for example in examples}


@pytest.mark.parametrize("text", SENT)
def test_what_a_client_sends_is_valid(text: str) -> None:
    assert parse(text).id == json.loads(text)["id"]


@pytest.mark.parametrize("text", RECEIVED)
def test_what_the_server_sends_is_complete(text: str) -> None:
    message = SERVER_MESSAGE.validate_json(text, strict=True)
    assert message.model_dump(mode="json") == json.loads(text)


def test_each_reply_is_the_result_of_its_request() -> None:
    """The one with the same id that was shown last."""
    requests = {}
    checked = set()
    for sender, text in EXAMPLES:
        if sender == "client":
            request = parse(text)
            requests[request.id] = type(request)
        elif (reply := json.loads(text))["type"] == "reply":
            model = requests[reply["id"]].result
            result = model.model_validate_json(json.dumps(reply["result"]), strict=True)
            assert result.model_dump(mode="json") == reply["result"]
            checked.add(model.__name__)
    assert checked == {
        "AuthenticateResult",
        "JoinResult",
        "OfferResult",
        "PublishResult",
        "MessageResult",
        "HistoryResult",
        "ReadMark",
        "WatchPresenceResult",
        "Empty",
    }


def test_there_is_an_example_of_every_message() -> None:
    assert types(SENT) == set(SCHEMAS["ClientRequest"]["discriminator"]["mapping"])
    assert types(RECEIVED) == set(SCHEMAS["ServerMessage"]["discriminator"]["mapping"])


def test_every_error_and_reason_is_explained() -> None:
    assert codes(section("Errors")) == list(get_args(ErrorCode))
    assert codes(section("The end")) == list(get_args(ClosingReason))


def test_the_policy_shown_is_the_policy() -> None:
    (joined,) = [text for text in RECEIVED if '"reply"' in text and '"policy"' in text]
    shown = json.loads(joined)["result"]["joined"]["policy"]
    assert shown == MEDIA_POLICY.model_dump(mode="json")


def test_the_limits_are_the_limits() -> None:
    limits = Limits()
    assert re.findall(r"^\| (.*?) \| (.*?) \|$", section("Limits"), re.MULTILINE)[1:] == [
        ("a message", f"{MAX_MESSAGE // 2**20} MiB"),
        ("a session description", f"{MAX_SDP // 1024} Ki characters"),
        ("tracks in one `view`", "100"),
        (
            "messages of one connection",
            f"{limits.rate:.0f} per second, {limits.burst:.0f} at once; "
            "each 16 KiB of a message count as one more",
        ),
        ("time to authenticate", f"{limits.authentication:.0f} s"),
        ("time to answer a request", f"{limits.request:.0f} s, then `unavailable`"),
        (
            "time a message may be stuck in your TCP connection",
            f"{limits.send:.0f} s, then the connection is cut",
        ),
        (
            "messages waiting for you",
            f"{limits.queue_messages}, or {limits.queue_bytes // 2**20} MiB",
        ),
        ("events kept for you", f"{limits.replay_messages}, or {limits.replay_bytes // 1024} KiB"),
        ("grace period", f"{limits.grace:.0f} s"),
        (
            "connections of one person",
            f"{limits.connections_per_person} open; {limits.connection_rate:.0f} per second, "
            f"{limits.connection_burst:.0f} at once",
        ),
        ("sessions of one person", f"{limits.sessions_per_person}"),
        ("participants of a meeting", f"{limits.participants}"),
        ("waiting for one meeting", f"{limits.waiting}"),
        ("wrong guesses of one person at a meeting's password", f"{limits.guesses} a minute"),
        (
            "reactions of a participant",
            f"{limits.reactions:.0f} a second, {2 * limits.reactions:.0f} at once",
        ),
        (
            "requests of chat of one person, over all connections",
            f"{limits.chat_rate:.0f} per second, {limits.chat_burst:.0f} at once",
        ),
    ]
