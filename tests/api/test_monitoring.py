"""Dashboard and alerts ask for what there is: each query is read by Prometheus' own parser, and
every metric and label in it is one of a real answer of `/metrics`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.api.conftest import Api, Connect
from tests.api.people import new_meeting, sign_up
from tests.api.test_metrics import read
from tests.support.polling import until

FOLDER = Path(__file__).parents[2] / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboards" / "tertulia.json").read_text())
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())
METRIC = re.compile(r"\b((?:tertulia|process)_\w+|up)\b(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
OF_PROMETHEUS = {"instance", "job"}
"""Labels that it adds itself."""
needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool") and "CI" not in os.environ, reason="promtool is not installed"
)


def queries() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


QUERIES = list(queries())


async def test_every_query_asks_for_what_there_is(api: Api, connect: Connect) -> None:
    token = await sign_up(api)
    client = await connect(token)
    await client.request("join", meeting_id=await new_meeting(api, token))
    await client.close()

    async def closed() -> bool:
        return "tertulia_ws_connections_closed_total" in await read(api)

    await until(closed)
    samples = await read(api)
    samples["up"] = {frozenset(): 1.0}
    known = {name: {label for labels in series for label, _ in labels}
             for name, series in samples.items()}  # fmt: skip
    assert len(QUERIES) > 50
    for query in QUERIES:
        found = METRIC.findall(query)
        assert found, query
        for name, matchers in found:
            assert name in known, f"{name} of {query}"
            asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
            assert asked <= known[name] | OF_PROMETHEUS, query
        names = {name.strip() for group in GROUPING.findall(query) for name in group.split(",")}
        assert names <= OF_PROMETHEUS.union(*(known[name] for name, _ in found)), query


def test_a_wrong_query_would_be_found() -> None:
    assert METRIC.findall('rate(tertulia_nothing_total{a="b"}[5m])') == [
        ("tertulia_nothing_total", 'a="b"')
    ]
    assert GROUPING.findall("sum by (le, kind) (x)") == ["le, kind"]


@needs_promtool
def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": each} for number, each in enumerate(QUERIES)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    for command in (
        ["check", "rules", str(file)],
        ["check", "rules", str(FOLDER / "alerts.yml")],
        ["check", "config", "--syntax-only", str(FOLDER / "prometheus.yml")],
    ):
        done = subprocess.run(  # noqa: S603 - files of ours
            ["promtool", *command],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_says_what_to_do() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert {"summary", "description"} <= rule["annotations"].keys()


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
