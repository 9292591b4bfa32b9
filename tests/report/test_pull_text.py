"""What a pull says: what changed, what should not be so, and what comes next."""

from markdown_it import MarkdownIt
from plans import PIPED, unread

from sendspec.pull.result import Found, Pulled, PullRun, Turn
from sendspec.report.pull import pull_markdown, pull_text

FILE = "specs/sendspec.lock.yaml"
NEW = Pulled("issued/ses/shop.example/dkim", Turn.NEW, None, {"tokens": []}, ("issued for `receipts`",))


def run(*changes: Pulled, **more: tuple[object, ...]) -> PullRun:
    return PullRun(Found(changes=changes, **more))  # type: ignore[arg-type]


def test_something_new_leads_to_render_and_only_that():
    assert "`sendspec render` writes what follows from it" in pull_text(run(NEW), FILE, PIPED)
    again = Pulled("spf/x", Turn.READ_AGAIN, None, None)
    assert pull_text(run(again), FILE, PIPED) == f"{FILE}: 1 read again, 0 as before\n"


def test_parts_of_an_account_that_share_a_reason_are_one_line_and_counted_once():
    text = pull_text(run(unread=(unread("servers"), unread("domains"))), FILE, PIPED)
    assert "? postmark: servers, domains: the token was invalid\n    fix: renew it\n" in text
    assert "1 could not be read and kept what the file had" in text


def test_markdown_has_the_cure_and_the_notes_and_mentions_nobody():
    text = pull_markdown(run(NEW, unread=(unread("a"),), notes=("@octocat <b>",), troubles=("gone #12",)), FILE)
    assert "fix: renew it" in text
    html = MarkdownIt().render(text)
    assert "<b>" not in html
    assert "note: @<!-- -->octocat" in text
    assert "\\#<!-- -->12" in text
