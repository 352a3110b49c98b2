"""`mjpipe sandbox`: the service on this machine, as a server of its own."""

from pathlib import Path

import click


@click.command("sandbox")
@click.option("--port", default=8800, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".mjpipe-sandbox"),
    show_default=True,
    help="Where its tasks and its bill are kept.",
)
@click.option("--speed-up", default=1.0, show_default=True, help="Divides the documented latencies.")
@click.option("--key", help="The only API key that it takes; any, when not given.")
def command(port: int, host: str, state: Path, speed_up: float, key: str | None) -> None:
    """Be the service, on this machine, for play money.

    It answers as the service does, draws pictures, and keeps a bill of its own at /sandbox/bill. It prints the two
    lines that point mjpipe at it.
    """
    from mjpipe.sandbox import Settings, serve_sandbox  # noqa: PLC0415 - heavy

    def ready(base_url: str) -> None:
        click.echo(f"export APIXO_BASE_URL={base_url}")
        click.echo(f"export APIXO_API_KEY={key or 'sandbox'}")
        click.echo("sandbox is up; Ctrl-C ends it", err=True)

    if speed_up <= 0:
        raise click.BadParameter("must be above 0", param_hint="--speed-up")
    serve_sandbox(Settings(state=state, speed_up=speed_up, key=key), host=host, port=port, ready=ready)
