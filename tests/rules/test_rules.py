"""All rules run over all fixtures: positions and false alarms are tested for every rule at once."""

from collections import defaultdict

from sendspec.rules.run import rule_ids


def test_exactly_the_expected_findings_stand_on_exactly_the_expected_lines(fixture, tmp_path):
    assert fixture.found(tmp_path) == fixture.expected()


def test_every_rule_has_a_spec_that_breaks_it_and_one_that_does_not(all_fixtures):
    good, bad = defaultdict(list), defaultdict(list)
    for fixture in all_fixtures:
        breaks = any(rule == fixture.rule for _, _, rule in fixture.expected())
        assert fixture.path.name.startswith("bad" if breaks else "good"), fixture.id
        (bad if breaks else good)[fixture.rule].append(fixture)
    assert sorted(good) == sorted(rule_ids())
    assert sorted(bad) == sorted(rule_ids())


def test_good_fixtures_expect_nothing(all_fixtures):
    assert [fixture.id for fixture in all_fixtures if fixture.path.name.startswith("good") and fixture.expected()] == []
