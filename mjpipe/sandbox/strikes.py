"""Decides which fault strikes when: counts what happened, and throws seeded dice."""

from collections import Counter
from collections.abc import Callable

from mjpipe.sandbox.chance import share
from mjpipe.sandbox.faults import NO_FAULT, Fault, Faults, Occasion, Rule


class Strikes:
    """`clock` returns seconds. Chance hangs on the seed, the rule, the subject and how often that came by: the order of
    requests changes nothing.
    """

    def __init__(self, faults: Faults, clock: Callable[[], float]) -> None:
        self._seed = faults.seed
        self._rules = [Watch(number, rule) for number, rule in enumerate(faults.rules)]
        self._clock = clock

    def strike(self, occasion: Occasion) -> Fault:
        """The fault of this occasion, NO_FAULT for none. Every rule that watches it counts it."""
        struck = [watch for watch in self._rules if watch.strikes(occasion, self._seed, self._clock)]
        if not struck:
            return NO_FAULT
        return struck[0].take(self._clock)


class Watch:
    """One rule and what it has seen."""

    def __init__(self, number: int, rule: Rule) -> None:
        self._number = number
        self._rule = rule
        self._seen = 0
        self._of_subject: Counter[str] = Counter()
        self._struck = 0
        self._until = float("-inf")

    def strikes(self, occasion: Occasion, seed: int, clock: Callable[[], float]) -> bool:
        rule = self._rule
        if not rule.watches(occasion):
            return False
        self._seen += 1
        self._of_subject[occasion.subject] += 1
        times = self._of_subject[occasion.subject]
        if rule.lasts and clock() < self._until:
            return True
        return (
            (rule.times is None or self._struck < rule.times)
            and (rule.nth is None or self._seen in rule.nth)
            and (rule.each is None or times in rule.each)
            and (rule.chance >= 1 or share(seed, self._number, occasion.subject, times) < rule.chance)
        )

    def take(self, clock: Callable[[], float]) -> Fault:
        now = clock()
        if now >= self._until:
            self._struck += 1
            self._until = now + self._rule.lasts
        return self._rule.fault
