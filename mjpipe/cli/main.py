"""The program `mjpipe`: its commands, and the one place that turns errors into text and exit codes."""

import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from mjpipe.cli.exit_codes import ExitCode, exit_code_of
from mjpipe.cli.process.garbage_collection import (
    end_garbage_collection,
    pause_garbage_collection,
    resume_garbage_collection,
)
from mjpipe.cli.process.open_file_limit import ANY_COMMAND, require_open_files
from mjpipe.cli.process.standard_streams import Unread, prepare_streams
from mjpipe.cli.process.utf8_mode import use_utf8_file_names
from mjpipe.cli.terminal import prose_width, say, say_prose
from mjpipe.domain import InvalidManifest, MjpipeError, StateFault, reason_of

COMMANDS = {
    "init": "Make a small campaign that runs as it is.",
    "validate": "Find every mistake in a manifest; no network, no key.",
    "plan": "Show what a run would do and cost; no network, no key.",
    "run": "Make the images; continue a run that stopped.",
    "graph": "Draw the nodes with their jobs and costs.",
    "expand": "Print the jobs or the rows, as CSV or JSON Lines.",
    "pick": "Pick images of a job, or request others.",
    "status": "Show where a campaign stands.",
    "show": "Show everything about one job.",
    "report": "Write the reports again, from the state.",
    "resolve": "List jobs whose submission is uncertain, and settle them.",
    "adopt": "Take over results of a state that is lost, so that nothing is paid twice.",
    "prune": "List images that are left over; --yes removes them.",
    "prices": "Print the price table.",
    "explain": "Explain a diagnostic.",
    "schema": "Print a JSON Schema, for editors and other tools.",
    "sandbox": "Run a local stand-in for the service (play money).",
}
"""Each command's name, which is also its module in `mjpipe.cli.commands`, and its line in `mjpipe --help`, in the order
of a first campaign.
"""


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE)
"""The system has run out of something. For state and outputs this is handled where it happens."""


class Commands(click.Group):
    """Imports a command only when it is called: `--help` and `--version` stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mjpipe.cli.commands.{cmd_name}").command
        resume_garbage_collection()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 - only needed for a typing mistake

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean `mjpipe {near[0]}`?" if near else "`mjpipe --help` lists the commands"
            ctx.fail(f"there is no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MjpipeError as fault:
            if fault.help:
                from mjpipe.cli.options import help_as_typed  # noqa: PLC0415 - only after a fault

                fault.help = help_as_typed(fault.help, ctx)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - slow, and rarely needed

        say(f"mjpipe {version('mjpipe')}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nA first campaign:\n  mjpipe init teapots\n  mjpipe run teapots/campaign.yaml --sandbox",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Show the version."
)
def program() -> None:
    """Run image campaigns from a file: see the cost first, stop and continue at any time, never pay twice."""
    require_open_files(ANY_COMMAND)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one command and exits with its code; `argv` is None for the arguments of this process, which then ends."""
    own_process = argv is None
    if own_process:
        use_utf8_file_names()
        pause_garbage_collection()
    prepare_streams()
    code = _exit_code(argv)
    if own_process:
        end_garbage_collection()
    sys.exit(code)


def _exit_code(argv: Sequence[str] | None) -> int:
    try:
        code: Any = program.main(args=argv, prog_name="mjpipe", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        # click raises Abort for Ctrl-C too; an Abort without a cause is a no to the question.
        said_no = isinstance(stop, click.Abort) and stop.__cause__ is None
        say("declined: nothing was submitted" if said_no else "interrupted", err=True)
        return ExitCode.INTERRUPTED
    except MjpipeError as fault:
        _print_error(fault)
        return exit_code_of(fault)
    except Unread:
        return ExitCode.UNREAD
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        refused = StateFault(
            f"the system refused: {reason_of(fault)}", help="make room on the disk, or `ulimit -n 1024`"
        )
        _print_error(refused)
        return exit_code_of(refused)
    return int(code or 0)


def _print_error(fault: MjpipeError) -> None:
    if isinstance(fault, InvalidManifest):
        from mjpipe.cli.diagnostics import render  # noqa: PLC0415 - only when there is something to show

        say(render(fault.diagnostics, "text", width=prose_width(err=True)), err=True, nl=False)
    say_prose(f"error: {fault}", err=True)
    if fault.help:
        say_prose(f"help: {fault.help}", err=True)
    for other in fault.others:
        _print_error(other)
