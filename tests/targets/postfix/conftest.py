"""A real Postfix in a folder of its own, set up by the words in the generated files."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

SECRETS = {"POSTMARK_SERVER_TOKEN": "4b2f-token", "SES_SMTP_USERNAME": NASTY_USER, "SES_SMTP_PASSWORD": NASTY_PASSWORD}
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = relay.shop.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
smtputf8_enable = no
smtpd_tls_chain_files = {folder}/server.pem
# localhost stands in /etc/hosts; a DNS server need not know it
smtp_host_lookup = native
"""
MASTER = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A Postfix instance. `tools` finds its programs."""

    folder: Path
    tools: Callable[[str], str]

    @property
    def configuration(self) -> Path:
        """Give the folder of main.cf."""
        return self.folder / "conf"

    @property
    def log(self) -> str:
        """Give the mail log."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def generated(self, name: str) -> str:
        """Give one of the generated files."""
        return (self.configuration / "sendspec" / name).read_text(encoding="utf-8")

    def install(self, generated: Path, trusted: Path) -> None:
        """Do what the head of the generated main.cf tells an administrator to do, up to the secrets."""
        shutil.copytree(generated, self.configuration / "sendspec")
        shutil.copy(trusted, self.folder / "authority.pem")
        main = self.generated("main.cf").replace("/etc/ssl/certs/ca-certificates.crt", f"{self.folder}/authority.pem")
        (self.configuration / "main.cf").write_text(MAIN.format(folder=self.folder) + main, encoding="utf-8")
        (self.configuration / "master.cf").write_text(MASTER + self.generated("master.cf"), encoding="utf-8")

    def fill(self, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run the generated script. A variable that is None is unset."""
        script = self.configuration / "sendspec" / "fill-sasl.sh"
        variables = {"PATH": os.environ["PATH"], **SECRETS, **environment}
        return subprocess.run(
            ["sh", str(script), str(self.configuration)],
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def command(self, word: str) -> subprocess.CompletedProcess[str]:
        """Run `postfix check`, `start` or `stop`."""
        arguments = [self.tools("postfix"), "-c", str(self.configuration), word]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command line as an administrator of this instance would."""
        path = f"{os.environ['PATH']}:/usr/sbin"
        variables = {"PATH": path, "MAIL_CONFIG": str(self.configuration)}
        return subprocess.run(
            ["sh", "-c", command], env=variables, capture_output=True, text=True, timeout=30, check=False
        )

    def submit(self, sender: str, headers: str = "", *, recipient: str = "you@customer.test") -> None:
        """Hand a message to the queue as an app does."""
        text = f"From: {sender}\n{headers}Subject: receipt\n\nbody\n"
        done = subprocess.run(
            [self.tools("sendmail"), "-C", str(self.configuration / "main.cf"), "-i", "-f", sender, recipient],
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds, or fail with the log."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log
            time.sleep(0.05)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder that Postfix's own user may enter; pytest's are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="sendspec-postfix-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def make_postfix(tmp_path: Path, authority: Authority, find_tool) -> Iterator[Callable[[Setup], Postfix]]:
    """Give a function: setup -> an instance with the generated files in place, not started."""
    find_tool("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only")
    with ExitStack() as instances:

        def make(setup: Setup) -> Postfix:
            folder = instances.enter_context(_folder())
            for name in ("conf", "queue", "data"):
                (folder / name).mkdir()
            owner = pwd.getpwnam("postfix")
            os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
            postfix = Postfix(folder, find_tool)
            authority.write_key_and_chain(folder / "server.pem")
            postfix.install(write_files(setup, "postfix", tmp_path / "output") / "postfix", authority.bundle)
            return postfix

        yield make


@pytest.fixture
def start(make_postfix) -> Iterator[Callable[[Setup], Postfix]]:
    """Give a function: setup -> a running instance with its secrets."""
    with ExitStack() as running:

        def begin(setup: Setup) -> Postfix:
            postfix = make_postfix(setup)
            filled = postfix.fill()
            assert filled.returncode == 0, filled.stderr
            checked = postfix.command("check")
            assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr + postfix.log
            started = postfix.command("start")
            assert started.returncode == 0, started.stderr + postfix.log
            running.callback(postfix.command, "stop")
            return postfix

        yield begin
