"""The command line in a whole world: as a function of this process, or as a process of its own that can be killed.

As a program it takes the world from the environment: WORLD_RESOLVER (a port), WORLD_HTTPS (a port), WORLD_AUTHORITY (a PEM
file), WORLD_KILL (after how many calls that change something the process is killed; 0: never).
"""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sendspec.net.open as opening
from sendspec.cli import main
from sendspec.net.address import Server


def lead_into(settings: opening.NetSettings) -> Any:
    """Give what stands in the place of `NetSettings`: it keeps what the command line says, and leads into the world."""
    real = opening.NetSettings

    def make(deadline_seconds: float = 30.0, resolvers: Sequence[Server] = (), **_others: Any) -> opening.NetSettings:
        assert real is not make
        return replace(settings, deadline_seconds=deadline_seconds)

    return make


def _die_after(calls: int) -> None:
    """Kill this process when so many calls that change something have been answered."""
    import botocore.client

    count = 0
    real_https, real_aws = opening._LaterHttps.call, botocore.client.BaseClient._make_api_call

    def counted() -> None:
        nonlocal count
        count += 1
        if count == calls:
            os.kill(os.getpid(), signal.SIGKILL)

    async def https(client: Any, method: str, url: str, **options: Any) -> Any:
        reply = await real_https(client, method, url, **options)
        if method != "GET":
            counted()
        return reply

    def aws(client: Any, operation: str, arguments: Any) -> Any:
        answer = real_aws(client, operation, arguments)
        if not operation.startswith(("Get", "List", "Describe")):
            counted()
        return answer

    opening._LaterHttps.call = https  # type: ignore[assignment]
    botocore.client.BaseClient._make_api_call = aws


if __name__ == "__main__":
    port = int(os.environ["WORLD_HTTPS"])
    world = opening.NetSettings(
        resolvers=(Server("127.0.0.1", port=int(os.environ["WORLD_RESOLVER"])),),
        dial=lambda there, at: ("127.0.0.1", port) if there.startswith("192.0.2.") else (there, at),
        authorities=Path(os.environ["WORLD_AUTHORITY"]).read_text(),
    )
    opening.NetSettings = lead_into(world)  # type: ignore[misc]
    if int(os.environ.get("WORLD_KILL", "0")):
        _die_after(int(os.environ["WORLD_KILL"]))
    sys.argv[0] = "sendspec"
    main()
