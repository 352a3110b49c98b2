"""What a process used: measured in it, told as JSON, read by who started it."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """CPU (of all threads, user and system) and wall time in seconds; `memory` is the peak of the process in bytes."""

    cpu: float
    wall: float
    memory: int


@contextmanager
def measured() -> Iterator[None]:
    """Prints what the work inside used."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    used = Used(
        cpu=time.process_time() - cpu,
        wall=time.perf_counter() - wall,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )
    print(json.dumps(asdict(used)))


def used_by(argv: Sequence[str], **variables: str) -> Used:
    """What a command used, from the start of its process to the end. What it prints is dropped; the `variables` are
    added to its environment.
    """
    began = time.perf_counter()
    drop, environment = subprocess.DEVNULL, {**os.environ, **variables}
    with subprocess.Popen(argv, stdout=drop, stderr=drop, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)
    wall = time.perf_counter() - began
    return Used(cpu=usage.ru_utime + usage.ru_stime, wall=wall, memory=usage.ru_maxrss * 1024)


def started(module: str, **options: object) -> "subprocess.Popen[str]":
    """A module of ours in a process of its own. True stands for a bare option, None for none."""
    command = [sys.executable, "-m", f"benchmarks.{module}"]
    for word, value in options.items():
        name = word.replace("_", "-")
        if value is True:
            command.append(f"--{name}")
        elif value is not None:
            command += [f"--{name}", str(value)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def used(process: "subprocess.Popen[str]") -> Used:
    """What it measured, once it has ended. Raises CalledProcessError when it failed."""
    output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Used(**json.loads(output.splitlines()[-1]))
