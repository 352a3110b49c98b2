"""Keep Python from searching for circular garbage while a command loads, and when the process ends.

Loading makes a hundred thousand objects, all of which stay until the end. Searching them took a fifth of the CPU of a
small plan.
"""

import gc


def pause_garbage_collection() -> None:
    """Until `resume_garbage_collection`; `--help` ends before it."""
    gc.disable()


def resume_garbage_collection() -> None:
    """If it was paused. Objects that exist now are never searched again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def end_garbage_collection() -> None:
    """Before the process ends: the interpreter would search all objects that are left."""
    gc.freeze()
