"""Prometheus takes the jobs and their targets as they are, and asks the exporter what is meant."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from prometheus_peers import eventually, prometheus, run

from sendspec.model.output_file import OutputFile

FindTool = Callable[[str], str]


def test_promtool_accepts_the_jobs(example_folder: Path, find_tool: FindTool) -> None:
    done = run(find_tool("promtool"), "check", "config", str(example_folder / "scrape.yml"))
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout


def test_prometheus_asks_the_exporter_for_every_target_with_its_module(
    example_folder: Path, example: Mapping[str, OutputFile], find_tool: FindTool, tmp_path: Path
) -> None:
    wanted = [
        (name, target, entry["labels"])
        for name in ("smtp", "api", "dns", "webhook")
        for entry in yaml.safe_load(example[f"targets/{name}.yml"].content)
        for target in entry["targets"]
    ]
    config = tmp_path / "scrape.yml"
    # Nothing listens there: what is asked is seen in Prometheus itself, and nothing leaves the machine.
    config.write_text(example["scrape.yml"].content.replace("127.0.0.1:9115", "127.0.0.1:9"))
    (tmp_path / "targets").symlink_to(example_folder / "targets")
    with prometheus(find_tool, tmp_path, config) as api:
        assert eventually(lambda: len(api("targets?state=active")["activeTargets"]) == len(wanted))
        found = api("targets?state=active")["activeTargets"]
    asked = []
    for each in found:
        url = urlsplit(each["scrapeUrl"])
        assert (url.netloc, url.path) == ("127.0.0.1:9", "/probe")
        asked.append((each["labels"], parse_qs(url.query)))
    expected = [
        (
            {key: value for key, value in labels.items() if not key.startswith("__")}
            | {"job": f"sendspec-{name}", "instance": target, "module": labels["__param_module"]},
            {"module": [labels["__param_module"]], "target": ["1.1.1.1:53" if name == "dns" else target]},
        )
        for name, target, labels in wanted
    ]
    assert sorted(asked, key=str_of) == sorted(expected, key=str_of)


def str_of(pair: tuple[dict, dict]) -> str:
    return str([sorted(each.items()) for each in pair])


def test_every_target_names_a_module_that_the_exporter_has(example: Mapping[str, OutputFile]) -> None:
    modules = yaml.safe_load(example["blackbox.yml"].content)["modules"]
    used = {
        entry["labels"]["__param_module"]
        for path, file in example.items()
        if path.startswith("targets/")
        for entry in yaml.safe_load(file.content)
    }
    assert used == modules.keys()
