"""A stand-in for the `gh` that runners have: a real process with state, which takes what the workflows use and refuses the rest.

State is the file that GH_STATE names: comments, issues, pull requests, and every call with its arguments. Filters go
through a real jq. Options as gh 2.60 documents them (https://cli.github.com/manual/, read 2026-11-26).
"""

import sys
from pathlib import Path

BOT = "github-actions[bot]"
SOURCE = """
import argparse, json, os, pathlib, re, subprocess, sys
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"
file = pathlib.Path(os.environ["GH_STATE"])
state = json.loads(file.read_text())
state["calls"].append(sys.argv[1:])
state["seen"] = sorted({*state["seen"], *os.environ})
file.write_text(json.dumps(state))

def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)

def answer(value, jq):
    if jq is None:
        print(json.dumps(value))
        return
    done = subprocess.run(["jq", "-r", jq], input=json.dumps(value), text=True, capture_output=True)
    if done.returncode:
        fail(done.stderr)
    sys.stdout.write(done.stdout)

def body(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if len(text) > 65536:
        fail("HTTP 422: Validation Failed: body is too long (maximum is 65536 characters)")
    return text

def api(arguments):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("path")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--jq")
    parser.add_argument("--field", action="append", default=[])
    given = parser.parse_args(arguments)
    fields = dict(each.split("=", 1) for each in given.field)
    fields = {name: body(value[1:]) if value.startswith("@") else value for name, value in fields.items()}
    address = urlsplit(given.path)
    query = {name: values[-1] for name, values in parse_qs(address.query).items()}
    start = "repos/" + os.environ["GH_REPO"]
    for method, pattern, work in ROUTES:
        match = re.fullmatch(start + pattern, address.path)
        if match and method == given.method:
            # a page at a time, each through the filter, as gh does it
            for page in work(query, fields, *match.groups()):
                if not given.silent:
                    answer(page, given.jq)
            return
    fail("HTTP 404: " + given.path)

def pages(items, query):
    size = int(query.get("per_page", 30))
    return [items[at : at + size] for at in range(0, max(len(items), 1), size)]

def list_comments(query, fields, number):
    return pages([each for each in state["comments"] if each["on"] == int(number)], query)

def make_comment(query, fields, number):
    state["comments"].append({"id": new(), "on": int(number), "user": {"login": BOT}, "body": fields["body"]})
    return [{}]

def edit(kind, key):
    def work(query, fields, number):
        found = [each for each in state[kind] if each[key] == int(number)]
        if not found:
            fail("HTTP 404")
        found[0].update(fields)
        return [{}]
    return work

def list_issues(query, fields):
    if query.get("creator") != BOT:
        fail("HTTP 422: creator")
    every = [*state["issues"], *({**each, "pull_request": {}} for each in state["pulls"])]
    found = [each for each in every if each["state"] == query["state"] and each["user"]["login"] == BOT]
    return pages(found, query)

ROUTES = [
    ("GET", r"/issues/(\\d+)/comments", list_comments),
    ("POST", r"/issues/(\\d+)/comments", make_comment),
    ("PATCH", r"/issues/comments/(\\d+)", edit("comments", "id")),
    ("GET", r"/issues", list_issues),
    ("PATCH", r"/issues/(\\d+)", edit("issues", "number")),
    ("PATCH", r"/pulls/(\\d+)", edit("pulls", "number")),
]

def new():
    state["last"] += 1
    return state["last"]

def command(arguments, positional, options):
    parser = argparse.ArgumentParser(exit_on_error=False)
    for name in positional:
        parser.add_argument(name)
    for name in options:
        parser.add_argument("--" + name)
    return vars(parser.parse_args(arguments))

def make(kind, given):
    made = {"number": new(), "state": "open", "user": {"login": BOT}, "title": given["title"]}
    state[kind].append({**made, "body": body(given["body_file"]), "isCrossRepository": False, "head": given.get("head")})

def main():
    if not os.environ.get("GH_TOKEN") or not os.environ.get("GH_REPO"):
        fail("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.")
    what, rest = tuple(sys.argv[1:3]), sys.argv[3:]
    if what[0] == "api":
        return api(sys.argv[2:])
    if what == ("auth", "setup-git"):
        return None
    if what == ("issue", "create"):
        return make("issues", command(rest, (), ("title", "body-file")))
    if what == ("issue", "close"):
        given = command(rest, ("number",), ("comment",))
        edit("issues", "number")({}, {"state": "closed", "comment": given["comment"]}, given["number"])
        return None
    if what == ("pr", "create"):
        return make("pulls", command(rest, (), ("base", "head", "title", "body-file")))
    if what == ("pr", "list"):
        given = command(rest, (), ("base", "head", "state", "json", "jq"))
        found = [each for each in state["pulls"] if each["head"] == given["head"] and each["state"] == given["state"]]
        return answer([{name: each[name] for name in given["json"].split(",")} for each in found], given["jq"])
    fail("unknown command: " + " ".join(sys.argv[1:]))

try:
    main()
except (argparse.ArgumentError, KeyError) as error:
    fail("unknown option or field: " + str(error))
file.write_text(json.dumps(state))
"""
EMPTY = {"comments": [], "issues": [], "pulls": [], "calls": [], "seen": [], "last": 0}


def install_gh(folder: Path) -> None:
    """Write the program into a folder of the PATH."""
    program = folder / "gh"
    program.write_text(f"#!{sys.executable}\n{SOURCE}", encoding="utf-8")
    program.chmod(0o755)
