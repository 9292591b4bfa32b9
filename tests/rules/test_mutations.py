"""The fixtures of a rule are sharp: whoever changes one comparison in its code sees a fixture that notices.

Each rule is changed in memory, one operator or truth value at a time, and runs alone over its own fixtures. A change
that no fixture notices (a survivor) is a missing fixture, or code that decides nothing.
"""

import ast
import copy
import importlib
import inspect
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sendspec.pipeline import compile_folder
from sendspec.rules.interface import AcceptanceRule, DatedRule
from sendspec.rules.run import rule_ids

SECONDS = 5
"""For one changed rule over all of its fixtures: a changed loop may never end."""

OPERATORS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}

EQUIVALENT: dict[str, dict[str, str]] = {
    "routes-need-not-met": {"True -> False": "each ESP of today speaks both protocols"},
}
"""By rule, the change as the test prints it: why it changes nothing. An entry that is no longer needed fails."""


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Give every changed module with the change in words."""
    fixed = {id(node) for decorated in ast.walk(tree) for each in _decorators(decorated) for node in ast.walk(each)}
    for position, node in enumerate(ast.walk(tree)):
        if id(node) in fixed:
            continue
        for number in range(len(_changes(node))):
            changed = copy.deepcopy(tree)
            target = next(each for index, each in enumerate(ast.walk(changed)) if index == position)
            before = ast.unparse(target)
            after = _changes(target)[number]
            _replace(changed, target, after)
            yield f"{before} -> {ast.unparse(after)}", ast.fix_missing_locations(changed)


def _decorators(node: ast.AST) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, ast.ClassDef | ast.FunctionDef) else []


def _changes(node: ast.AST) -> list[ast.expr]:
    """Give what may stand in place of an expression."""
    found: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for other in OPERATORS[type(operator)]:
                operators = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                found.append(ast.Compare(node.left, operators, node.comparators))
    elif isinstance(node, ast.BoolOp):
        found.append(ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        found.append(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        found.append(ast.Constant(not node.value))
    return found


def _replace(tree: ast.Module, old: ast.AST, new: ast.expr) -> None:
    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    Swap().visit(tree)


@contextmanager
def time_limit():
    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def behaviour(rule, specs) -> list[object]:
    """Give what a rule finds in each spec, or the error it ends with."""
    found: list[object] = []
    for setup, today in specs:
        try:
            if isinstance(rule, AcceptanceRule):
                found.append(frozenset(rule.find(setup.acceptances, rule_ids())))
            elif isinstance(rule, DatedRule):
                found.append(frozenset(rule.find(setup, today)) if today else None)
            else:
                found.append(frozenset(rule.find(setup)))
        except Exception as error:  # noqa: BLE001 - changed code may fail in any way, and failing is noticed
            return [type(error)]
    return found


def rule_in(tree: ast.Module, name: str):
    """Run a module's code and give its rule; the module itself stays as it is."""
    namespace = {"__name__": name}
    exec(compile(tree, name, "exec"), namespace)
    return namespace["RULE"]


@pytest.fixture
def own_specs(rule_id, all_fixtures, tmp_path):
    """Give the compiled fixtures of one rule with their day."""
    specs = []
    for number, fixture in enumerate(each for each in all_fixtures if each.rule == rule_id):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(fixture.path, folder / "spec.yaml")
        if fixture.lock.exists():
            shutil.copy(fixture.lock, folder / "sendspec.lock.yaml")
        specs.append((compile_folder(folder).setup, fixture.today))
    return specs


def module_of(rule_id: str, all_fixtures):
    fixture = next(each for each in all_fixtures if each.rule == rule_id)
    subject, rule, _ = fixture.id.split("/")
    return importlib.import_module(f"sendspec.rules.{subject}.{rule}")


@pytest.mark.parametrize("rule_id", rule_ids())
def test_each_changed_comparison_is_noticed_by_a_fixture(rule_id, all_fixtures, own_specs):
    module = module_of(rule_id, all_fixtures)
    expected = behaviour(module.RULE, own_specs)
    survivors = set()
    for change, tree in mutants(ast.parse(inspect.getsource(module))):
        with time_limit():
            try:
                same = behaviour(rule_in(tree, module.__name__), own_specs) == expected
            except TimeoutError:
                same = False
        if same:
            survivors.add(change)
    assert survivors == set(EQUIVALENT.get(rule_id, {}))


def test_changes_are_made_one_at_a_time():
    tree = ast.parse("found = a < 1 and not b or c is None\nflag = True")
    changed = {ast.unparse(mutant) for _, mutant in mutants(tree)}
    assert changed == {
        "found = a <= 1 and (not b) or c is None\nflag = True",
        "found = a >= 1 and (not b) or c is None\nflag = True",
        "found = (a < 1 or not b) or c is None\nflag = True",
        "found = a < 1 and b or c is None\nflag = True",
        "found = (a < 1 and (not b)) and c is None\nflag = True",
        "found = a < 1 and (not b) or c is not None\nflag = True",
        "found = a < 1 and (not b) or c is None\nflag = False",
    }
    assert ast.unparse(tree) == "found = a < 1 and (not b) or c is None\nflag = True"


def test_no_rule_is_excused_that_does_not_exist():
    assert set(EQUIVALENT) <= set(rule_ids())
