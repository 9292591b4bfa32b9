"""A real submission server: Postfix with STARTTLS and TLS from the first byte, Dovecot for its logins, a private CA.

Everything lives in a folder of its own. Postfix insists on root; its mail goes to `discard`.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from https_peers import AUTHORITY

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = smtp.mail.example
mydestination =
mynetworks =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
default_transport = discard:
message_size_limit = 10485760
smtpd_error_sleep_time = 0
smtpd_tls_chain_files = {folder}/conf/chain.pem
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = check_sender_access inline:{{ {{ refused@mail.example = 554 5.7.1 Sender is not verified }} }}
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ grey@mail.example = 450 4.7.1 Greylisted, come back }} }}, permit
"""
MASTER = """
{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
{implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot-log
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_username_format =
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/conf/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


@dataclass(frozen=True)
class Mta:
    """A running server: its two ports, and its log."""

    submission: int
    implicit: int
    folder: Path

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*log")))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(condition: Callable[[], bool], mta: Mta, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, mta.log
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def submission_mta(
    find_tool: Callable[[str], str], user: str, password: str, mechanisms: str = "plain login"
) -> Iterator[Mta]:
    """Run Postfix and Dovecot for the host `smtp.mail.example`, with one user."""
    postfix, dovecot = find_tool("postfix"), find_tool("dovecot")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sendspec-mta-"))  # pytest's folders are for their owner alone
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        mta = Mta(_free_port(), _free_port(), folder)
        _write(mta, user, password, mechanisms)
        started = subprocess.run([postfix, "-c", folder / "conf", "start"], capture_output=True, text=True, check=False)
        assert started.returncode == 0, started.stderr + mta.log
        stack.callback(subprocess.run, [postfix, "-c", folder / "conf", "stop"], capture_output=True, check=False)
        logins = subprocess.Popen([dovecot, "-F", "-c", folder / "dovecot.conf"], stderr=subprocess.DEVNULL)
        stack.callback(logins.wait)
        stack.callback(logins.terminate)
        _wait((folder / "queue" / "private" / "auth").exists, mta)
        _wait(lambda: _listens(mta.submission) and _listens(mta.implicit), mta)
        yield mta


def _write(mta: Mta, user: str, password: str, mechanisms: str) -> None:
    folder = mta.folder
    folder.chmod(0o755)
    for name in ("conf", "queue", "queue/private", "data"):
        (folder / name).mkdir()
    owner = pwd.getpwnam("postfix")
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    os.chown(folder / "queue" / "private", owner.pw_uid, -1)
    certificate = AUTHORITY.issue_cert("smtp.mail.example")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "conf" / "chain.pem"))
    (folder / "conf" / "users").write_text(f"{user}:{password}\n")
    (folder / "conf" / "main.cf").write_text(MAIN.format(folder=folder))
    (folder / "conf" / "master.cf").write_text(MASTER.format(submission=mta.submission, implicit=mta.implicit))
    (folder / "dovecot.conf").write_text(DOVECOT.format(folder=folder, mechanisms=mechanisms))
