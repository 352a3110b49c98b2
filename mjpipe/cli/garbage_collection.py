"""When Python looks for circular garbage: not while a command is loaded, and not in what has been loaded.

Loading makes a hundred thousand objects, all of which stay, and at the end the process gives them back at once. To
search them for garbage takes a fifth of the time of a plan.
"""

import gc


def pause_garbage_collection() -> None:
    """Until `resume_garbage_collection`, which a command that is only explained never reaches."""
    gc.disable()


def resume_garbage_collection() -> None:
    """When it was paused; what is here now is never searched again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def end_garbage_collection() -> None:
    """For the end of the process: the interpreter searches what is left before it ends."""
    gc.freeze()
