"""SPF evaluation against the test suite of RFC 7208 (skipped where the corpus is not at hand)."""

from pathlib import Path

import pytest
import yaml

from sendspec.records.spf import TemporaryError, check_host

SUITE = Path(__file__).resolve().parents[3] / "shared/corpora/rfc7208/rfc7208-tests.yml"


class ZoneData:
    """The corpus's DNS: SPF entries count as TXT unless a TXT entry is present; TIMEOUT stands for what is not there."""

    def __init__(self, zonedata):
        self.zones = {name.lower(): entries for name, entries in zonedata.items()}

    def find(self, name, record_type, depth=0):
        entries = self.zones.get(name.lower().removesuffix("."), [])
        found, has_txt = [], any(isinstance(entry, dict) and "TXT" in entry for entry in entries)
        for entry in entries:
            if entry == "TIMEOUT":
                if not [value for value in found if value != "NONE"]:
                    raise TemporaryError(f"{name}: timeout")
                continue
            for key, value in entry.items():
                if key == record_type or (record_type == "TXT" and key == "SPF" and not has_txt):
                    found.append(value)
                elif key == "CNAME" and depth < 8:
                    found += self.find(value, record_type, depth + 1)
        return [value for value in found if value != "NONE"]

    def txt(self, name):
        return ["".join(value) if isinstance(value, list) else value for value in self.find(name, "TXT")]

    def addresses(self, name, version):
        return self.find(name, "A" if version == 4 else "AAAA")

    def mx(self, name):
        return [host for _, host in sorted(self.find(name, "MX"))]

    def ptr(self, ip):
        return self.find(ip.reverse_pointer, "PTR")


def cases():
    if not SUITE.exists():
        return [
            pytest.param(None, None, None, marks=pytest.mark.skip(reason=f"{SUITE.name} is not at ../shared/corpora"))
        ]
    return [
        pytest.param(name, test, scenario["zonedata"], id=name)
        for scenario in yaml.safe_load_all(SUITE.read_text(encoding="utf-8"))
        for name, test in scenario["tests"].items()
    ]


@pytest.mark.parametrize(("name", "test", "zonedata"), cases())
def test_the_answer_is_one_the_suite_allows(name, test, zonedata):
    outcome = check_host(str(test["host"]), test["mailfrom"], test["helo"], ZoneData(zonedata))
    allowed = test["result"] if isinstance(test["result"], list) else [test["result"]]
    assert outcome.result in allowed, (outcome.reason, test.get("comment"))
    if test.get("explanation") not in (None, "DEFAULT"):
        assert outcome.explanation == test["explanation"]
