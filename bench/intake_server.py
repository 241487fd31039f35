"""One web process of Andon as `andon web` runs it, in one of three ways, for the intake bench.

group: as shipped. single: one commit per request. nothing: nothing is stored, and uvicorn's own
protocol speaks HTTP; what a plain ASGI application reaches.
"""

import os
import sys
from typing import Any

import django
import uvicorn

MODES = ("group", "single", "nothing")


def main(port: int, mode: str) -> None:
    """Make a database and a key, print the key, and serve until terminated."""
    django.setup()

    from django.core.management import call_command  # noqa: PLC0415

    from andon.alerts import actions  # noqa: PLC0415
    from andon.core import clock  # noqa: PLC0415
    from andon.web.hooks import protocol, writer  # noqa: PLC0415
    from andon.web.hooks.app import Intake  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    secret = actions.create_key(
        name="bench", kind="alertmanager", by="bench", now=clock.now(), per_minute=2 * 10**9
    )
    intake = Intake()
    intake.start()
    if mode == "nothing":
        writer.Writer.submit = _store_nothing  # type: ignore[assignment,method-assign]
    elif mode == "single":
        writer.MAX_BATCH_ALERTS = 0
    print(secret.plain, flush=True)
    uvicorn.run(
        intake.app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools" if mode == "nothing" else protocol.bind(intake),
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        backlog=2048,
    )
    intake.stop()


def _store_nothing(*arguments: Any) -> None:
    arguments[-1].set_result(True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    main(int(sys.argv[1]), sys.argv[2])
