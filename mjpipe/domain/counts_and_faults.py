"""Counts and faults as phrases of a message."""


def counted(number: int, noun: str) -> str:
    """`1 job`, `1,200 jobs`"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def reason_of(fault: OSError | UnicodeError) -> str:
    """Why a file could not be read or written: `permission denied`"""
    if isinstance(fault, UnicodeError):
        return "it is not UTF-8"
    reason = fault.strerror or str(fault)
    return reason[:1].lower() + reason[1:]


def fault_text(fault: Exception) -> str:
    """An unexpected fault: `ConnectionResetError: connection lost`"""
    return f"{type(fault).__name__}: {fault}".removesuffix(": ")
