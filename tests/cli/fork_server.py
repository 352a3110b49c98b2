"""A process that has loaded the program once, and forks for each command.

Each command is a process of its own, with its own arguments, folder, environment, files and exit code, and nothing is
left of the one before. It only need not load the program again, which takes longer than most commands.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ", "TQDM_")
"""How names of variables begin that an interpreter, or what it loads, reads once. There is a server for each set."""


def run_forked(
    argv: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """`mjpipe` with these arguments. Raises TimeoutExpired as `subprocess.run` does, and kills the process then."""
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        files = [nothing.fileno(), out.fileno(), err.fileno()]
        code = run_forked_on(files, argv, folder=folder, environment=environment, timeout=timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(["mjpipe", *argv], code, out.read(), err.read())


def run_forked_on(
    files: Sequence[int], argv: Sequence[str], *, folder: Path, environment: Mapping[str, str], timeout: float
) -> int:
    """The exit code of the same, with `files` as its standard input, output and error."""
    at_start = {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
    request = {"argv": [*argv], "folder": str(folder), "environment": {**environment}}
    return _server(tuple(sorted(at_start.items()))).run(request, files, timeout)


class _Server:
    def __init__(self, at_start: Mapping[str, str]) -> None:
        self._door, inside = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.fork_server", str(inside.fileno())],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **at_start},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[inside.fileno()],
        )
        inside.close()
        atexit.register(self.close)

    def run(self, request: Mapping[str, object], files: Sequence[int], timeout: float) -> int:
        """The exit code, negative for a signal."""
        content = json.dumps(request).encode()
        socket.send_fds(self._door, [len(content).to_bytes(8, "big")], files)
        self._door.sendall(content)
        pid = self._number()
        self._door.settimeout(timeout)
        try:
            return self._number()
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._door.settimeout(None)
            self._number()
            raise subprocess.TimeoutExpired(str(request["argv"]), timeout) from None
        finally:
            self._door.settimeout(None)

    def _number(self) -> int:
        content = self._door.recv(8, socket.MSG_WAITALL)
        assert len(content) == 8, "the fork server ended"
        return int.from_bytes(content, "big", signed=True)

    def close(self) -> None:
        self._door.close()
        self._process.wait()


@cache
def _server(at_start: tuple[tuple[str, str], ...]) -> _Server:
    return _Server(dict(at_start))


def _serve(door: socket.socket) -> list[str] | None:
    """Gives the arguments of a command in each forked process, which is set up for it; None when nobody asks."""
    while True:
        head, files, _, _ = socket.recv_fds(door, 8, 3)
        if not head:
            return None
        request = json.loads(door.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
        pid = os.fork()
        if pid == 0:
            door.close()
            for target, file in enumerate(files):
                os.dup2(file, target)
                os.close(file)
            os.environ.clear()
            os.environ.update(request["environment"])
            os.chdir(request["folder"])
            signal.signal(signal.SIGINT, signal.default_int_handler)
            argv: list[str] = request["argv"]
            return argv
        for file in files:
            os.close(file)
        door.sendall(pid.to_bytes(8, "big", signed=True))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        door.sendall(status.to_bytes(8, "big", signed=True))


def _exit_code_of(argv: list[str]) -> int:
    """Of the program in this process, as the interpreter would end with it."""
    sys.argv = ["mjpipe", *argv]
    try:
        runpy.run_module("mjpipe", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else end.code is not None
    except BaseException:  # noqa: BLE001 - whatever it is, the interpreter prints it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _load_the_program() -> None:
    package = importlib.import_module("mjpipe")
    for module in pkgutil.walk_packages(package.__path__, "mjpipe."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()  # what is here now stays: no collection need look at it, and copy its memory


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which closes the door
    _load_the_program()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        os._exit(_exit_code_of(asked))  # to take hundreds of modules down one by one takes as long as most commands
