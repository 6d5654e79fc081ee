"""/metrics: figures for Prometheus, if they are turned on."""

from pathlib import Path

import pytest
from serving import site


async def test_requests_and_crawls_are_counted(
    demo: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = demo[0] / "published" / "archive.db"
    assert (await site(snapshot).client.get("/metrics")).status_code == 404
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    ds = site(snapshot)
    for path in ("/", "/facts", "/facts.csv", "/search.json?q=x", "/no-such-page"):
        await ds.client.get(path)
    answer = await ds.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    for kind, status in (("page", 200), ("page", 404), ("list", 200), ("download", 200), ("program", 200)):
        assert lines[f'dangqun_requests_total{{kind="{kind}",status="{status}"}}'] == "1.0"
    assert lines['dangqun_request_seconds_bucket{kind="page",le="+Inf"}'] == "2.0"
    assert float(lines["dangqun_articles"]) > 30
    assert 0 < float(lines["dangqun_snapshot_age_seconds"]) < 3600
    assert float(lines['dangqun_last_crawl_timestamp_seconds{site="sample-city"}']) > 1.7e9
    assert lines['dangqun_last_crawl_failures{site="sample-city"}'] == "0.0"
