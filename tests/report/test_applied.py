"""What `apply` says at its end: one document for a program, what failed first for a pull request."""

import io
import json

from plans import PIPED, identity, places, switched

from sendspec.model.finding import Severity
from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import Action, Plan
from sendspec.report.applied import Result, applied_markdown, applied_part, applied_text
from sendspec.report.console import Console

REFUSED = Outcome(Failure.REFUSED, "Postmark says: @octocat \x1b[31m no", "ask them")
MADE = Outcome(notes=("nobody has it attached",))
PLAN = Plan((identity(1), switched()))


def result(*outcomes, unseen=(), stopping=(), stopped="", before=PLAN, after=PLAN) -> Result:
    return Result(before, outcomes, after, stopped, unseen, stopping, "specs/sendspec.lock.yaml")


def console(form: str) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console("apply", out, err, form, Severity.ERROR, {}, list), out, err


def test_the_text_counts_what_was_done_and_names_the_file_to_commit():
    text = applied_text(result((identity(1), MADE), (switched(), REFUSED)), PIPED, places)
    assert "1 done, 1 failed (refused); what is left:" in text
    assert "specs/sendspec.lock.yaml notes what is sendspec's" in text


def test_asking_an_esp_to_look_again_leaves_nothing_to_commit():
    text = applied_text(result((identity(1, Action.VERIFY), Outcome())), PIPED, places)
    assert "lock.yaml" not in text


def test_an_interrupted_run_says_so():
    assert "interrupted before all was done" in applied_text(result(stopped="interrupted"), PIPED, places)


def test_json_is_one_document_even_where_the_world_moved_after_the_first_change():
    there, out, err = console("json")
    there.applied(result((identity(1), MADE), unseen=(switched(),)), places)
    found = json.loads(out.getvalue())
    assert found["refused"] == {"unseen": ["esp/ses/identity/c1.example"], "stops": []}
    assert found["error"]["message"].startswith("stopped: the world moved meanwhile")
    assert err.getvalue() == ""


def test_json_has_the_same_keys_where_there_was_nothing_to_do():
    busy = applied_part(result((identity(1), MADE)), places)
    idle = applied_part(result(before=Plan(in_place=3), after=Plan(in_place=3)), places)
    assert busy.keys() == idle.keys()
    assert "error" not in idle


def test_a_failure_is_named_for_programs_by_one_word():
    part = applied_part(result(*((identity(1), Outcome(each)) for each in Failure)), places)
    assert [each["failure"] for each in part["done"]] == ["refused", "later", "unknown", "needs"]  # type: ignore[index,union-attr]


def test_markdown_tells_what_was_refused_and_what_failed_with_the_cure():
    stopping = identity(2, Action.DELETE, stops=("receipts",))
    text = applied_markdown(result((switched(), REFUSED), stopping=(stopping,)), places)
    assert "> **refused: it stops mail of receipts**" in text
    assert "--allow-outage receipts" in text
    assert "refused<br>Postmark says: @<!-- -->octocat" in text
    assert "fix: ask them" in text
    assert "\x1b" not in text


def test_a_refusal_is_on_stderr_in_text_and_in_markdown():
    for form in ("text", "markdown"):
        there, out, err = console(form)
        there.applied(result(unseen=(switched(),)), places)
        assert "nothing was changed: the world moved since the plan was made" in err.getvalue()
        assert ("world moved" in out.getvalue()) == (form == "markdown")
