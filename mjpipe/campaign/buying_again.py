"""Buying again: a person knows that results are lost, and pays for them once more. Their records are set aside."""

import time
from collections.abc import Sequence
from dataclasses import replace

from mjpipe.campaign.evidence import recorded_attempt
from mjpipe.campaign.gate import Answer, Finding, Gate, Situation
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.planning import count
from mjpipe.campaign.recovering import recover_known
from mjpipe.domain import Amount, UsageFault, Usd, counted, decimal_text, dollars
from mjpipe.ledger import Ledger, Records
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.plan import Pair, originals


def unknown_of(findings: Sequence[Finding]) -> list[RecordedAttempt]:
    """What a run would buy again because its state does not know of it, as far as a person may say so."""
    return [attempt for finding in findings if finding.answer is not Answer.NONE for attempt in finding.unknown]


def set_lost_aside(campaign: Campaign, ledger: Ledger, host: str, narrowing: Narrowing, said: Usd) -> bool:
    """Records what the gate finds lost, so that no job gets it and its price counts; of selected jobs, also those whose
    images are gone. What the plan does not ask for is adopted: its price counts, too. Returns whether anything was
    lost.

    Raises UsageFault when there is nothing, and when `said` is not what it costs.
    """
    unknown, gone = _lost(Situation(campaign=campaign, ledger=ledger, host=host), ledger, narrowing)
    lost = [*unknown, *gone]
    price = Amount.of(attempt.price for attempt in lost)
    if not lost:
        raise UsageFault(
            "there is nothing to buy again: the state knows all that was paid for",
            help="leave --buy-again out; with --select KEY it also makes a job again whose images are gone",
        )
    if price.usd != said:
        raise UsageFault(
            f"--buy-again names {dollars(said)}, and {_results(price)} would be bought again",
            help=f"to pay again: --buy-again {decimal_text(price.usd)}; to pay nothing: `mjpipe adopt M`",
        )
    outputs = campaign.manifest.outputs.dir
    aside = [replace(attempt, set_aside=True) for attempt in lost]
    ledger.recover(aside, now=time.time(), outputs=outputs, host=host)
    recover_known(campaign, ledger, host, outputs=outputs)
    return bool(unknown)


def _lost(
    situation: Situation, ledger: Ledger, narrowing: Narrowing
) -> tuple[Sequence[RecordedAttempt], Sequence[RecordedAttempt]]:
    """What the state does not know, and what it knows of selected jobs whose images are gone."""
    gate = Gate(situation)
    gone: list[RecordedAttempt] = []

    def collect(pairs: Sequence[Pair]) -> None:
        if narrowing.narrows:
            found = [_result_of(ledger, job.key) for job, standing in pairs if standing.images_gone]
            gone.extend(attempt for attempt in found if attempt is not None)

    count(situation.campaign, ledger, ledger.standings(), narrowing, originals, see=gate.see, also=collect)
    return unknown_of(gate.findings()), gone


def _result_of(ledger: Ledger, key: str) -> RecordedAttempt | None:
    job = Records(ledger.connection).job(key)
    if job is None or job.result is None:
        return None
    return recorded_attempt(job, job.result, host=ledger.bindings.get("host"))


def _results(price: Amount) -> str:
    """`88 results for $17.60`"""
    unpriced = f", {price.unpriced:,} of them at an undocumented price" if price.unpriced else ""
    return f"{counted(price.count, 'result')} for {dollars(price.usd)}{unpriced}"
