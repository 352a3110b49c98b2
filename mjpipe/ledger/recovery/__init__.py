"""Taking what is known from outside of this ledger into it: attempts that it never knew, or knows too little of."""

from mjpipe.ledger.recovery.recovery import Recovered, recover
from mjpipe.ledger.recovery.setting_aside import set_aside

__all__ = ["Recovered", "recover", "set_aside"]
