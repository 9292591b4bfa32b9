"""The generated modules beside the ESPs' real SDKs, and stand-ins of the ESPs over TLS under a private authority."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from app_setups import SPEC, compile_text, move_api, write_files
from env_readers import MODULES, NODE, TOOLS, need
from esp_worlds import World
from https_peers import AUTHORITY, server_context

from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.rehearse.https_server import HttpsServer

HOSTS = {
    "/email": "api.postmarkapp.com",
    "/v3/mail/send": "api.eu.sendgrid.com",
    "/v2/email/outbound-emails": "email.eu-west-1.amazonaws.com",
}
PYTHON = """
import json, sys
import mail_sdk
from mail_sdk import clients, fields

def send(name):
    client, given = clients[name](), fields[name]
    if name == "news":
        to = [{"to": [{"email": "smoke@sink.sendgrid.net"}]}]
        text = [{"type": "text/plain", "value": "body"}]
        return client.send({**given, "personalizations": to, "subject": "Grüße", "content": text}).status_code
    if name == "receipts":
        return client.outbound.send({**given, "to": "test@blackhole.postmarkapp.com", "subject": "Grüße", "text_body": "x"}).message
    content = {"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "body"}}}}
    to = {"ToAddresses": ["success@simulator.amazonses.com"]}
    return client.send_email(**given, Destination=to, Content=content)["ResponseMetadata"]["HTTPStatusCode"]

for word in sys.argv[1:]:
    name = mail_sdk.route(word.removeprefix("stream:")) if word.startswith("stream:") else word
    try:
        print(json.dumps([name, "taken", str(send(name))]), flush=True)
    except Exception as error:
        print(json.dumps([name, "failed", type(error).__name__ + " " + str(error)]), flush=True)
"""
JAVASCRIPT = """
import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { clients, fields, route } from "./mail_sdk.mjs";

async function send(name) {
  const client = clients[name](), given = fields[name];
  if (name === "news") {
    const [answer] = await client.send({ ...given, to: "smoke@sink.sendgrid.net", subject: "Grüße", text: "body" });
    return answer.statusCode;
  }
  if (name === "receipts") {
    const mail = { ...given, To: "test@blackhole.postmarkapp.com", Subject: "Grüße", TextBody: "body" };
    return (await client.sendEmail(mail)).Message;
  }
  const Content = { Simple: { Subject: { Data: "Grüße" }, Body: { Text: { Data: "body" } } } };
  const Destination = { ToAddresses: ["success@simulator.amazonses.com"] };
  return (await client.send(new SendEmailCommand({ ...given, Destination, Content }))).$metadata.httpStatusCode;
}

await Promise.all(process.argv.slice(1).map(async (word) => {
  const name = word.startsWith("stream:") ? route(word.slice("stream:".length)) : word;
  try {
    console.log(JSON.stringify([name, "taken", String(await send(name))]));
  } catch (error) {
    console.log(JSON.stringify([name, "failed", `${error.name} ${error.message}`]));
  }
}));
"""


@dataclass
class Sdks:
    """A folder with the generated modules, stand-ins that answer at localhost, and programs that send with the modules."""

    folder: Path
    trusted: Path
    world: World
    fault: Callable[[ApiCall], ApiAnswer] | None = None
    port: int = 0
    server: HttpsServer | None = None

    def site(self, call: ApiCall) -> ApiAnswer:
        """Answer as the ESP whose path it is."""
        real = replace(call, host=HOSTS[call.path])
        return self.fault(real) if self.fault else self.world.sites[real.host](real)

    @asynccontextmanager
    async def serving(self) -> Iterator[HttpsServer]:
        """Run the stand-ins."""
        server = HttpsServer({"localhost": self.site}, {"localhost": server_context("localhost")}, port=self.port)
        async with server:
            self.server = server
            yield server

    def send(
        self,
        language: str,
        *names: str,
        before: Callable[[HttpsServer], None] = lambda _server: None,
        **environment: str | None,
    ) -> Mapping[str, tuple[str, str]]:
        """Send one message through each route of these names, and give what became of it."""

        async def work() -> subprocess.CompletedProcess[str]:
            async with self.serving() as server:
                before(server)
                return await asyncio.to_thread(self.run, language, names, environment)

        done = asyncio.run(work())
        assert done.stdout, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
        return {name: (outcome, said) for name, outcome, said in lines}

    def run(
        self, language: str, names: tuple[str, ...], environment: Mapping[str, str | None]
    ) -> subprocess.CompletedProcess[str]:
        """Run a program that sends. A variable that is None is unset."""
        python = [sys.executable, "-c", PYTHON]
        node = [NODE, "--input-type=module", "--eval", JAVASCRIPT]
        ambient = json.loads(self.world.secrets.values["ses-eu.aws_ambient"])
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.folder}:{TOOLS}",
            "NODE_EXTRA_CA_CERTS": str(self.trusted),
            "SSL_CERT_FILE": str(self.trusted),
            "AWS_CA_BUNDLE": str(self.trusted),
            "AWS_ENDPOINT_URL_SESV2": f"https://localhost:{self.port}",
            "AWS_ACCESS_KEY_ID": ambient["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ambient["secret_access_key"],
            "POSTMARK_SERVER_TOKEN": self.world.secrets.values["postmark-main.server_token"],
            "SENDGRID_API_KEY": self.world.secrets.values["sendgrid-eu.api_key"],
            **environment,
        }
        return subprocess.run(
            [*(python if language == "python" else node), *names],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def make_sdks(tmp_path: Path) -> Callable[..., Sdks]:
    """Give a function: text of a spec -> the modules with everything they need. Nobody waits for more than a second."""
    modules = need(MODULES / "postmark", "postmark for Node")
    need(TOOLS / "sendgrid", "sendgrid for Python")

    def make(text: str = SPEC) -> Sdks:
        port = free_port()
        setup = compile_text(tmp_path / "specs", text.replace("targets: [dotenv", "targets: [sdk-env, dotenv"))
        moved = impatient(setup)
        for account in ("postmark-main", "sendgrid-eu"):
            moved = move_api(moved, account, f"https://localhost:{port}")
        folder = write_files(moved, "sdk-env", tmp_path / "output")
        (folder / "node_modules").symlink_to(Path(modules).parent)
        trusted = tmp_path / "authority.pem"
        AUTHORITY.cert_pem.write_to_path(str(trusted))
        return Sdks(folder, trusted, World(setup), port=port)

    return make


def impatient(setup: Setup) -> Setup:
    """Give the setup with timeouts of a second."""

    def hurry(binding):
        delivery = replace(binding.route.delivery, connect_timeout_seconds=1, read_timeout_seconds=1)
        return replace(binding, route=replace(binding.route, delivery=delivery))

    apps = (replace(app, bindings=tuple(hurry(binding) for binding in app.bindings)) for app in setup.apps)
    return replace(setup, apps=tuple(apps))


def free_port() -> int:
    """Give a port that nobody listens at."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return listener.getsockname()[1]
