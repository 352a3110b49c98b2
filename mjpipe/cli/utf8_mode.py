"""File names in UTF-8, whatever the locale."""

import os
import sys


def use_utf8_file_names() -> None:
    """Starts this process again in Python's UTF-8 mode, where the locale has file names in another encoding.

    A key such as `Ł-1` has no name in ISO-8859-1: its image would be paid for and never written. And one folder has
    one set of names, whoever looks at it: a run at a terminal, or cron's with LC_ALL=C. The terminal goes on being
    spoken to in its own encoding.
    """
    asked = os.environ.get("PYTHONUTF8") == "1"  # then it did not help, and would not the next time
    if sys.getfilesystemencoding() == "utf-8" or asked or not sys.executable:
        return
    speaks = {} if sys.stdout is None else {"PYTHONIOENCODING": f"{sys.stdout.encoding}:backslashreplace"}
    # The arguments are the same bytes again: they were decoded as `execve` encodes them.
    arguments = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, arguments, {**speaks, **os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves
