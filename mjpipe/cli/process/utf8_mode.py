"""File names in UTF-8, whatever the locale."""

import os
import sys


def use_utf8_file_names() -> None:
    """Starts this process again in Python's UTF-8 mode if the locale uses another encoding for file names.

    ISO-8859-1 has no name for a key such as `Ł-1`: its image would be paid for and never written. And the names in a
    folder must not depend on who runs the campaign, a person at a terminal or cron with LC_ALL=C. The terminal keeps
    its own encoding.
    """
    asked = os.environ.get("PYTHONUTF8") == "1"  # it did not help before and would not now
    if sys.getfilesystemencoding() == "utf-8" or asked or not sys.executable:
        return
    speaks = {} if sys.stdout is None else {"PYTHONIOENCODING": f"{sys.stdout.encoding}:backslashreplace"}
    # `execve` encodes the arguments as they were decoded: they stay the same bytes.
    arguments = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, arguments, {**speaks, **os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves
