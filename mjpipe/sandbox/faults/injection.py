"""Decides which event goes wrong, and how: counts events, and draws seeded chances."""

from collections import Counter
from collections.abc import Callable

from mjpipe.sandbox.chance import seeded_fraction
from mjpipe.sandbox.faults.fault_rules import NO_FAULT, Event, Fault, Faults, Rule


class FaultInjector:
    """`clock` returns seconds. A chance depends on the seed, the rule, the subject and how many events that has had, so
    that the order of requests changes nothing.
    """

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        self._seed = faults.seed
        self._rules = [_RuleCount(number, rule) for number, rule in enumerate(faults.rules)]
        self._clock = clock

    def fault_for(self, event: Event) -> Fault:
        """The fault of this event, NO_FAULT for none. Every rule that watches it counts it."""
        applying = [count for count in self._rules if count.applies(event, self._seed, self._clock)]
        return applying[0].apply(self._clock) if applying else NO_FAULT


class _RuleCount:
    """One rule, and how many events it has seen."""

    def __init__(self, number: int, rule: Rule) -> None:
        self._number = number
        self._rule = rule
        self._seen = 0
        self._of_subject: Counter[str] = Counter()
        self._applied = 0
        self._until = float("-inf")

    def applies(self, event: Event, seed: int, clock: Callable[[], float]) -> bool:
        rule = self._rule
        if not rule.watches(event):
            return False
        self._seen += 1
        self._of_subject[event.subject] += 1
        times = self._of_subject[event.subject]
        if rule.lasts and clock() < self._until:
            return True
        return (
            (rule.times is None or self._applied < rule.times)
            and (rule.nth is None or self._seen in rule.nth)
            and (rule.each is None or times in rule.each)
            and (rule.chance >= 1 or seeded_fraction(seed, self._number, event.subject, times) < rule.chance)
        )

    def apply(self, clock: Callable[[], float]) -> Fault:
        now = clock()
        if now >= self._until:
            self._applied += 1
            self._until = now + self._rule.lasts
        return self._rule.fault
