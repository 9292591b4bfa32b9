"""Ruby programs of tests: Debian's Rails libraries, one process for many snippets."""

import email
import email.header
import email.utils
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from mail_servers import NASTY_PASSWORD, NASTY_USER

SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}
EVALUATE = """
require "json"
$stdout.sync = true
results = JSON.parse($stdin.read).map do |code|
  { "value" => TOPLEVEL_BINDING.eval(code) }
rescue Exception => error
  { "error" => error.class.name, "message" => error.message }
end
puts JSON.generate(results)
"""


@dataclass(frozen=True)
class Ruby:
    """A Ruby interpreter. `before` is a program that prepares what the snippets use."""

    program: str
    before: Path
    trusted: Path

    def evaluate(
        self, snippets: Iterable[str], *arguments: object, **environment: str | None
    ) -> list[Mapping[str, object]]:
        """Evaluate snippets in one process; each gives `value`, or `error` and `message`. A variable that is None is unset."""
        variables = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "SSL_CERT_FILE": str(self.trusted),
            **SECRETS,
            **environment,
        }
        done = subprocess.run(
            [self.program, "-e", f"require {json.dumps(str(self.before))}\n{EVALUATE}", *map(str, arguments)],
            input=json.dumps(list(snippets)),
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results: list[Mapping[str, object]] = json.loads(
            done.stdout.strip("\n").split("\n")[-1]
        )  # U+2028 ends no line here
        return results


def find_ruby(find_tool: Callable[[str], str], library: str) -> str:
    """Give Ruby's path; skip, or fail in CI, where it or a library is missing."""
    program = find_tool("ruby")
    if subprocess.run([program, "-e", f"require {json.dumps(library)}"], capture_output=True, check=False).returncode:
        message = f"Ruby's {library} is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return program


def author_of(message: str) -> tuple[str, str]:
    """Give name and address of From of a message as it is sent."""
    value = dict(email.message_from_string(message).raw_items())["From"]
    name, address = email.utils.parseaddr(re.sub(r"\s+", " ", value))
    return str(email.header.make_header(email.header.decode_header(name))), address
