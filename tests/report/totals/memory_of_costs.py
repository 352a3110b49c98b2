"""A process of its own, where no other thread allocates: what collecting the costs of so many jobs takes.

    python -m tests.report.totals.memory_of_costs JOBS...

Prints JSON: of each number of jobs the peak in bytes, without SQLite's own memory.
"""

import json
import sys
import tracemalloc
from contextlib import closing

from mjpipe.ledger import Ledger
from mjpipe.report import collect_costs
from tests.report.campaign import TEAPOTS, Campaign, job


def peak(jobs: int) -> int:
    with closing(Ledger.in_memory()) as ledger:
        campaign = half_failed(ledger, jobs)
        tracemalloc.start()
        collect_costs(campaign.records, TEAPOTS, since=None, by=["style"])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def half_failed(ledger: Ledger, jobs: int) -> Campaign:
    campaign = Campaign(ledger)
    campaign.plan(*(job(f"hero/{number}", row={"sku": str(number), "style": "studio"}) for number in range(jobs)))
    for number, intent in enumerate(campaign.intend(limit=jobs).values()):
        if number % 2:
            campaign.fail(intent, "PromptInvalid", "", f"the prompt `{number}` was rejected")
        else:
            campaign.finish(intent)
    return campaign


if __name__ == "__main__":
    peak(1)  # what is loaded once, or kept for the next time, is not counted
    sys.stdout.write(json.dumps([peak(int(jobs)) for jobs in sys.argv[1:]]))
