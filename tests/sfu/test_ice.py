"""ICE-lite in virtual time."""

from __future__ import annotations

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine.interface import Path
from sfu.ice import (
    CHALLENGE_RETRIES,
    CLOSE_AFTER,
    DISCONNECT_AFTER,
    MAX_CHALLENGES,
    MAX_PATHS,
    QUIET_AFTER,
    Changed,
    Credentials,
    Decision,
    ExpectStun,
    IceAgent,
    IceState,
    Refusal,
    Select,
    Send,
    UseUfrags,
    Validate,
)
from tests.support.ice import IceClient, is_request, unsigned_answer

HOME = Path("192.0.2.1", 5000, "192.0.2.9")
MOVED = Path("192.0.2.1", 6000, "192.0.2.9")
VICTIM = Path("198.51.100.7", 53, "192.0.2.9")


def requests(decisions: list[Decision]) -> list[Send]:
    """Binding requests among what is to be sent."""
    return [
        decision
        for decision in decisions
        if isinstance(decision, Send) and is_request(decision.data)
    ]


def without_sending(decisions: list[Decision]) -> list[Decision]:
    return [decision for decision in decisions if not isinstance(decision, Send)]


@pytest.fixture
def client() -> IceClient:
    return IceClient()


@pytest.fixture
def agent(client: IceClient) -> IceAgent:
    return IceAgent(client.credentials, created=0.0)


@pytest.fixture
def connected(agent: IceAgent, client: IceClient) -> IceAgent:
    agent.receive(0.0, HOME, client.check(agent.local))
    return agent


def move(agent: IceAgent, client: IceClient, now: float, path: Path = MOVED) -> list[Decision]:
    """A nominated check from `path`, and the answer to the challenge it causes."""
    (challenge,) = requests(agent.receive(now, path, client.check(agent.local)))
    return agent.receive(now, path, client.answer(challenge.data))


def test_first_valid_check_is_answered_and_selects_its_path(
    agent: IceAgent, client: IceClient
) -> None:
    check = client.check(agent.local, nominate=False)
    response, *decisions = agent.receive(0.0, HOME, check)
    assert decisions == [Validate(HOME), Select(HOME), Changed(IceState.CONNECTED)]
    assert isinstance(response, Send)
    assert response.path == HOME
    message = stun.parse_message(response.data)
    assert message.message_class is stun.Class.RESPONSE
    assert message.transaction_id == stun.parse_message(check).transaction_id
    assert message.attributes["XOR-MAPPED-ADDRESS"] == (HOME.host, HOME.port)
    assert message.check_message_integrity(agent.local.password.encode())


def test_check_with_wrong_password_is_refused(agent: IceAgent, client: IceClient) -> None:
    wrong = Credentials(agent.local.ufrag, "x" * 24)
    assert agent.receive(0.0, HOME, client.check(wrong)) == []
    assert agent.refusals == {Refusal.WRONG_INTEGRITY: 1}
    assert agent.state is IceState.CHECKING


def test_check_without_integrity_is_refused(agent: IceAgent, client: IceClient) -> None:
    username = f"{agent.local.ufrag}:{client.credentials.ufrag}"
    message = stun.Message(
        stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": username}
    )
    assert agent.receive(0.0, HOME, bytes(message)) == []
    assert agent.refusals == {Refusal.WRONG_INTEGRITY: 1}


def test_check_naming_another_peer_is_refused(agent: IceAgent) -> None:
    stranger = IceClient()
    assert agent.receive(0.0, HOME, stranger.check(agent.local)) == []
    assert agent.refusals == {Refusal.WRONG_USERNAME: 1}


def test_other_stun_methods_are_refused(agent: IceAgent) -> None:
    for method, kind in (
        (stun.Method.ALLOCATE, stun.Class.REQUEST),
        (stun.Method.BINDING, stun.Class.INDICATION),
        (stun.Method.BINDING, stun.Class.ERROR),
    ):
        assert agent.receive(0.0, HOME, bytes(stun.Message(method, kind))) == []
    assert agent.refusals == {Refusal.NOT_BINDING: 3}


def test_further_checks_on_the_selected_path_change_nothing(
    connected: IceAgent, client: IceClient
) -> None:
    decisions = connected.receive(2.5, HOME, client.check(connected.local))
    assert without_sending(decisions) == []


def test_nat_rebinding_moves_only_after_our_own_check_is_answered(
    connected: IceAgent, client: IceClient
) -> None:
    decisions = connected.receive(1.0, MOVED, client.check(connected.local))
    assert without_sending(decisions) == [ExpectStun(MOVED)]
    (challenge,) = requests(decisions)
    assert challenge.path == MOVED
    assert connected.selected == HOME
    decisions = connected.receive(1.1, MOVED, client.answer(challenge.data))
    assert decisions == [Validate(MOVED), Select(MOVED)]


def test_a_spoofed_nominated_check_does_not_move_the_stream(
    connected: IceAgent, client: IceClient
) -> None:
    captured = client.check(connected.local)
    decisions = connected.receive(1.0, VICTIM, captured)
    (challenge,) = requests(decisions)
    forged = IceClient(Credentials(client.credentials.ufrag, "guessed" * 4))
    for reply in (
        captured,
        bytes(unsigned_answer(challenge.data)),
        forged_answer(forged, challenge.data),
    ):
        connected.receive(1.1, VICTIM, reply)
    assert connected.selected == HOME
    assert Validate(VICTIM) not in decisions


def forged_answer(forger: IceClient, request: bytes) -> bytes:
    response = unsigned_answer(request)
    response.add_message_integrity(forger.credentials.password.encode())
    return bytes(response)


def test_an_answer_from_elsewhere_validates_nothing(connected: IceAgent, client: IceClient) -> None:
    (challenge,) = requests(connected.receive(1.0, VICTIM, client.check(connected.local)))
    assert connected.receive(1.1, MOVED, client.answer(challenge.data)) == []
    assert connected.selected == HOME


def test_a_spoofed_flood_costs_a_bounded_number_of_challenges(
    connected: IceAgent, client: IceClient
) -> None:
    captured = client.check(connected.local)
    for port in range(1000):
        connected.receive(1.0, VICTIM._replace(port=port + 1), captured)
    repeated = requests(connected.tick(1.6))
    assert len(repeated) == MAX_CHALLENGES


def test_a_flood_does_not_lock_out_the_real_client(connected: IceAgent, client: IceClient) -> None:
    captured = client.check(connected.local)
    for port in range(1000):
        connected.receive(1.0, VICTIM._replace(port=port + 1), captured)
    assert Select(MOVED) in move(connected, client, 1.1)


def test_a_challenge_is_repeated_and_given_up(connected: IceAgent, client: IceClient) -> None:
    (first,) = requests(connected.receive(1.0, VICTIM, client.check(connected.local)))
    repeated = [
        decision.data
        for step in range(1, 80)
        for decision in requests(connected.tick(1 + step / 10))
    ]
    assert repeated == [first.data] * CHALLENGE_RETRIES
    late = client.answer(first.data)
    assert connected.receive(9.0, VICTIM, late) == []
    assert connected.refusals == {Refusal.UNKNOWN_RESPONSE: 1}


def test_a_second_check_during_a_challenge_starts_no_second_one(
    connected: IceAgent, client: IceClient
) -> None:
    weak = client.check(connected.local, nominate=False)
    (challenge,) = requests(connected.receive(1.0, MOVED, weak))
    nominated = connected.receive(1.1, MOVED, client.check(connected.local))
    assert requests(nominated) == []
    decisions = connected.receive(1.2, MOVED, client.answer(challenge.data))
    assert decisions == [Validate(MOVED), Select(MOVED)]


def test_a_path_that_is_not_nominated_is_validated_but_not_selected(
    connected: IceAgent, client: IceClient
) -> None:
    weak = client.check(connected.local, nominate=False)
    (challenge,) = requests(connected.receive(1.0, MOVED, weak))
    decisions = connected.receive(1.1, MOVED, client.answer(challenge.data))
    assert decisions == [Validate(MOVED)]
    decisions = connected.receive(1.2, MOVED, client.check(connected.local))
    assert without_sending(decisions) == [Select(MOVED)]


def test_a_client_that_never_nominates_again_may_move_once_its_old_path_is_quiet(
    connected: IceAgent, client: IceClient
) -> None:
    weak = client.check(connected.local, nominate=False)
    (challenge,) = requests(connected.receive(QUIET_AFTER, MOVED, weak))
    decisions = connected.receive(QUIET_AFTER + 0.1, MOVED, client.answer(challenge.data))
    assert decisions == [Validate(MOVED), Select(MOVED)]


def test_paths_are_bounded_and_the_selected_one_stays(
    connected: IceAgent, client: IceClient
) -> None:
    for number in range(3 * MAX_PATHS):
        path = MOVED._replace(port=7000 + number)
        weak = client.check(connected.local, nominate=False)
        (challenge,) = requests(connected.receive(0.1, path, weak))
        connected.receive(0.1, path, client.answer(challenge.data))
    decisions = connected.receive(0.2, HOME, client.check(connected.local))
    assert without_sending(decisions) == []
    assert connected.selected == HOME


def test_a_path_of_another_transport_is_not_taken_on_trust(client: IceClient) -> None:
    agent = IceAgent(client.credentials, created=0.0, is_taken=lambda path: path == VICTIM)
    decisions = agent.receive(0.0, VICTIM, client.check(agent.local))
    assert without_sending(decisions) == [ExpectStun(VICTIM)]
    decisions = agent.receive(0.1, HOME, client.check(agent.local))
    assert without_sending(decisions) == [
        Validate(HOME),
        Select(HOME),
        Changed(IceState.CONNECTED),
    ]


def test_a_reused_address_is_taken_over_by_answering(client: IceClient) -> None:
    agent = IceAgent(client.credentials, created=0.0, is_taken=lambda path: True)
    decisions = move(agent, client, 0.0)
    assert decisions == [Validate(MOVED), Select(MOVED), Changed(IceState.CONNECTED)]


def test_silence_first_stops_sending_then_closes(connected: IceAgent) -> None:
    assert connected.tick(DISCONNECT_AFTER - 0.1) == []
    assert connected.tick(DISCONNECT_AFTER) == [Select(None), Changed(IceState.DISCONNECTED)]
    assert connected.tick(CLOSE_AFTER - 0.1) == []
    assert connected.tick(CLOSE_AFTER) == [Changed(IceState.CLOSED)]
    assert connected.tick(CLOSE_AFTER + 1) == []


def test_a_check_within_the_time_resumes(connected: IceAgent, client: IceClient) -> None:
    connected.tick(DISCONNECT_AFTER)
    decisions = connected.receive(CLOSE_AFTER - 1, HOME, client.check(connected.local))
    assert without_sending(decisions) == [Select(HOME), Changed(IceState.CONNECTED)]
    assert connected.tick(CLOSE_AFTER + 1) == []


def test_a_check_from_a_new_address_resumes_after_it_has_answered(
    connected: IceAgent, client: IceClient
) -> None:
    connected.tick(DISCONNECT_AFTER)
    weak = client.check(connected.local, nominate=False)
    (challenge,) = requests(connected.receive(12.0, MOVED, weak))
    assert connected.state is IceState.DISCONNECTED
    decisions = connected.receive(12.1, MOVED, client.answer(challenge.data))
    assert decisions == [Validate(MOVED), Select(MOVED), Changed(IceState.CONNECTED)]


def test_unanswered_challenges_do_not_count_as_life(connected: IceAgent, client: IceClient) -> None:
    for second in range(1, 10):
        connected.receive(float(second), VICTIM, client.check(connected.local))
    assert Changed(IceState.DISCONNECTED) in connected.tick(DISCONNECT_AFTER)


def test_a_client_that_never_comes_is_given_up(agent: IceAgent) -> None:
    assert agent.tick(CLOSE_AFTER - 0.1) == []
    assert agent.tick(CLOSE_AFTER) == [Changed(IceState.CLOSED)]


def test_a_closed_agent_answers_nothing(connected: IceAgent, client: IceClient) -> None:
    connected.close()
    assert connected.receive(1.0, HOME, client.check(connected.local)) == []


def test_both_generations_count_until_the_new_one_is_used(
    connected: IceAgent, client: IceClient
) -> None:
    before, restarted = connected.local, IceClient()
    assert connected.restart(1.0, restarted.credentials) == [
        UseUfrags((before.ufrag, connected.local.ufrag))
    ]
    assert connected.local != before
    old = connected.receive(1.1, HOME, client.check(before))
    assert [type(decision) for decision in old] == [Send]
    new = connected.receive(1.2, HOME, restarted.check(connected.local))
    assert without_sending(new) == [UseUfrags((connected.local.ufrag,))]
    assert connected.receive(1.3, HOME, client.check(before)) == []
    assert connected.refusals == {Refusal.WRONG_USERNAME: 1}


def test_a_restart_from_a_new_network_is_challenged_with_the_new_credentials(
    connected: IceAgent,
) -> None:
    restarted = IceClient()
    connected.restart(1.0, restarted.credentials)
    decisions = move(connected, restarted, 1.1)
    assert decisions == [Validate(MOVED), UseUfrags((connected.local.ufrag,)), Select(MOVED)]


def test_a_second_restart_forgets_the_unused_one(connected: IceAgent) -> None:
    before = connected.local
    connected.restart(1.0, IceClient().credentials)
    unused = connected.local
    connected.restart(2.0, IceClient().credentials)
    assert connected.ufrags == (before.ufrag, connected.local.ufrag)
    assert unused.ufrag not in connected.ufrags


def test_a_restart_gives_time_to_come_back(connected: IceAgent) -> None:
    restarted = IceClient()
    connected.tick(DISCONNECT_AFTER)
    connected.restart(CLOSE_AFTER - 1, restarted.credentials)
    assert connected.tick(CLOSE_AFTER + 5) == []
    assert Changed(IceState.CONNECTED) in move(connected, restarted, CLOSE_AFTER + 6)


def test_a_restart_does_not_prolong_sending_into_the_void(connected: IceAgent) -> None:
    connected.restart(DISCONNECT_AFTER - 1, IceClient().credentials)
    assert Select(None) in connected.tick(DISCONNECT_AFTER)


@given(data=st.data())
def test_mutated_messages_never_raise_nor_validate(data: st.DataObject) -> None:
    client = IceClient()
    agent = IceAgent(client.credentials, created=0.0)
    message = bytearray(client.check(agent.local))
    for position in data.draw(st.lists(st.integers(0, len(message) - 1), min_size=1, max_size=8)):
        message[position] ^= data.draw(st.integers(1, 255))
    message = message[: data.draw(st.integers(0, len(message)))]
    agent.receive(0.0, HOME, bytes(message) + data.draw(st.binary(max_size=64)))
    unchanged = agent.refusals.total() == 0
    assert (agent.state is IceState.CONNECTED) <= unchanged


@given(st.binary(max_size=1500))
def test_random_bytes_are_malformed(noise: bytes) -> None:
    agent = IceAgent(Credentials.random(), created=0.0)
    assert agent.receive(0.0, HOME, noise) == []
    assert agent.refusals.total() == 1
