"""A plan in a pull request, read as GitHub reads it: nobody is mentioned, nothing is injected, what matters fits."""

import re

from markdown_it import MarkdownIt
from plans import identity, places, record, reported, switched, unread

from sendspec.model.plan import Action, Awaited, Plan
from sendspec.report.plan_markdown import MAX_CHARACTERS, plan_markdown

HOSTILE = "@octocat <img src=x onerror=y> | `b` #12 [x](https://evil.example) **bold**\nnew line"
READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def test_what_an_esp_answers_mentions_nobody_and_injects_nothing():
    plan = Plan(
        (switched(HOSTILE, [HOSTILE], means=(HOSTILE,)), record((HOSTILE,))),
        held=(reported(),),
        awaited=(Awaited("k", HOSTILE, HOSTILE),),
        unread=(unread(HOSTILE),),
        notes=(HOSTILE,),
    )
    html = READER.render(plan_markdown(plan, places))
    prose = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert "<img" not in html
    assert 'evil.example"' not in html
    assert "<strong>bold" not in html
    assert not re.search(r"(?<!\w)@\w", prose)
    assert not re.search(r"#\d", prose)


def test_a_table_keeps_its_three_columns_whatever_a_value_holds():
    html = READER.render(plan_markdown(Plan((switched(HOSTILE, "b|c", means=(HOSTILE,)),)), places))
    assert html.count("<td>") == 3


def test_a_row_names_the_line_of_the_spec():
    assert "<code>specs/spec.yaml:7:3</code>" in READER.render(plan_markdown(Plan((identity(),)), places))


def test_what_stops_mail_and_what_nobody_saw_come_before_everything_else():
    text = plan_markdown(Plan((identity(stops=("receipts",)),), unread=(unread("servers"), unread("domains"))), places)
    assert text.index("[!CAUTION]") < text.index("Could not be looked at") < text.index("| change |")
    assert "`postmark: servers, domains`" in text


def test_a_plan_that_is_too_long_for_a_comment_says_so_and_closes_what_it_opened():
    awaited = tuple(Awaited(f"k{n}", "x" * 90, "y" * 90) for n in range(1000))
    text = plan_markdown(Plan(tuple(identity(n, Action.DELETE) for n in range(20)), awaited=awaited), places)
    assert len(text) <= MAX_CHARACTERS
    assert text.count("<details>") == text.count("</details>") == 1
    assert "found no room here" in text
