"""One name everywhere: a plug-in's id is its path, and a module exports exactly one."""

import sendspec.esp
import sendspec.hosts
import sendspec.rules
import sendspec.targets
from sendspec.esp.interface import Esp, esp_ids, load_esp
from sendspec.hosts.interface import Host, host_ids, load_host
from sendspec.rules.interface import AnyRule
from sendspec.targets.interface import Layer, Target, load_target, target_ids


def exported(module, kind) -> list[str]:
    return sorted(name for name, value in vars(module).items() if isinstance(value, kind))


def rule_modules(modules):
    """Give the modules at rules/<subject>/<rule>.py."""
    return {
        name: module for name, module in modules.items() if name.startswith("sendspec.rules.") and name.count(".") == 3
    }


def test_every_esp_folder_exports_one_esp_named_after_it(modules):
    assert len(esp_ids()) >= 3
    for esp_id in esp_ids():
        module = modules[f"{sendspec.esp.__name__}.{esp_id.replace('-', '_')}"]
        assert exported(module, Esp) == ["ESP"]
        assert load_esp(esp_id).id == esp_id


def test_every_target_folder_exports_one_target_named_after_it(modules):
    assert {load_target(target_id).layer for target_id in target_ids()} == set(Layer)
    for target_id in target_ids():
        module = modules[f"{sendspec.targets.__name__}.{target_id.replace('-', '_')}"]
        assert exported(module, Target) == ["TARGET"]
        assert load_target(target_id).id == target_id
        assert load_target(target_id).source.startswith(("https://", "RFC "))


def test_every_dns_host_folder_exports_one_host_named_after_it(modules):
    assert host_ids() == ("cloudflare", "manual", "route53")
    for host_id in host_ids():
        module = modules[f"{sendspec.hosts.__name__}.{host_id.replace('-', '_')}"]
        assert exported(module, Host) == ["HOST"]
        host = load_host(host_id)
        assert host.id == host_id
        assert bool(host.by_hand) is (host.apply is None)
        assert all("read 20" in source or "RFC" in source for source in host.facts.values())


def test_every_rule_module_exports_one_rule_named_after_its_path(modules):
    found = rule_modules(modules)
    assert found
    for name, module in found.items():
        subject, rule = name.split(".")[2:]
        assert exported(module, AnyRule) == ["RULE"], name
        assert f"{subject}-{rule}".replace("_", "-") == module.RULE.id


def test_every_rule_documents_what_is_wrong_why_and_what_to_do(modules):
    lacking = {
        (name, wanted)
        for name, module in rule_modules(modules).items()
        for wanted in ("Why it matters:", "Do instead:", "Source:")
        if wanted not in (module.__doc__ or "")
    }
    assert lacking == set()
