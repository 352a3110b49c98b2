"""Every module can be imported with whatever versions are installed (`make lowest` installs the oldest)."""

import importlib
import pkgutil

import mjpipe


def test_every_module_can_be_imported() -> None:
    names = [module.name for module in pkgutil.walk_packages(mjpipe.__path__, "mjpipe.")]
    names.remove("mjpipe.__main__")  # importing it runs the program
    for name in names:
        importlib.import_module(name)
    assert len(names) > 150
