"""`mjpipe sandbox`: run a local stand-in for the service."""

import shlex
from pathlib import Path

import click

from mjpipe.cli.options import DOLLARS
from mjpipe.cli.terminal import say
from mjpipe.domain import Usd


@click.command("sandbox")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8800,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".mjpipe-sandbox"),
    show_default=True,
    help="The folder for its tasks and its bill.",
)
@click.option("--speed-up", default=1.0, show_default=True, help="Divide the documented latencies by this.")
@click.option("--key", help="Accept only this API key. [default: any]")
@click.option(
    "--balance",
    type=DOLLARS,
    help="The account's play money; once it is spent, the answer is 402. [default: unlimited]",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Tasks in flight at most; beyond that the answer is 429.",
)
@click.option(
    "--faults",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file of faults to inject, planned or random.",
)
@click.option(
    "--fetch-images", is_flag=True, help="Fetch source images of edits from other hosts instead of drawing its own."
)
@click.option(
    "--pixels",
    type=click.IntRange(1, 512),
    default=512,
    show_default=True,
    help="The longer side of a picture at most; small pictures are drawn faster.",
)
def command(
    port: int,
    host: str,
    state: Path,
    *,
    speed_up: float,
    key: str | None,
    balance: Usd | None,
    concurrency: int,
    faults: Path | None,
    fetch_images: bool,
    pixels: int,
) -> None:
    """Run a local stand-in for the service (play money).

    It answers like the service, draws pictures, and shows its bill at /sandbox/bill. It prints the two lines that point
    mjpipe at it.
    """
    from mjpipe.sandbox import Settings, serve_sandbox  # noqa: PLC0415 - heavy

    def ready(base_url: str) -> None:
        say(f"export APIXO_BASE_URL={base_url}")
        say(f"export APIXO_API_KEY={shlex.quote(key or 'sandbox')}")
        say("sandbox is up; Ctrl-C ends it", err=True)

    settings = Settings(
        state=state,
        speed_up=speed_up,
        key=key,
        balance=balance,
        concurrency=concurrency,
        faults=faults,
        fetch_images=fetch_images,
        pixels=pixels,
    )
    serve_sandbox(settings, host=host, port=port, ready=ready)
