"""A run that is killed again and again pays for nothing twice and loses nothing."""

import json
import random
import shutil
import sqlite3
import time
from collections import Counter
from pathlib import Path

from PIL import Image

from tests.cli.program import EXAMPLES, Mjpipe, SandboxServer

KILLS = 10


def bill_per_request(tasks: list[dict[str, object]]) -> Counter[str]:
    return Counter(json.dumps(task["request"], sort_keys=True) for task in tasks)


def states(ledger: Path) -> Counter[str]:
    with sqlite3.connect(ledger) as connection:
        rows = connection.execute("SELECT state, count(*) FROM jobs WHERE wanted GROUP BY state").fetchall()
    connection.close()
    return Counter(dict(rows))


def test_a_run_killed_ten_times_ends_with_every_job_done_or_in_doubt_and_none_billed_twice(
    paying: Mjpipe, sandbox_server: SandboxServer
) -> None:
    shutil.copy(EXAMPLES / "products.csv", paying.folder)
    text = (EXAMPLES / "quickstart.yaml").read_text()
    # Slow enough to be killed in the midst of it.
    (paying.folder / "quickstart.yaml").write_text(text.replace("limits:\n", "limits:\n  requests_per_second: 40\n"))
    chance = random.Random(7)
    for _ in range(KILLS):
        process = paying.start("run", "quickstart.yaml", "--yes")
        time.sleep(chance.uniform(0.5, 2.0))
        process.kill()
        process.communicate()
    last = paying("run", "quickstart.yaml", "--yes", code=None)
    ledger = paying.folder / ".mjpipe" / "quickstart" / "ledger.sqlite"
    ended = states(ledger)
    waiting_for_doubt = ended["waiting"]
    assert ended["done"] + ended["in_doubt"] + waiting_for_doubt == 30, (ended, last.stderr)
    assert waiting_for_doubt == 0 or ended["in_doubt"] > 0
    assert last.returncode == (6 if ended["in_doubt"] else 0)
    billed = bill_per_request(sandbox_server.tasks())
    assert max(billed.values()) == 1
    assert len(billed) <= ended["done"] + ended["in_doubt"]
    lines = (paying.folder / "out" / "quickstart" / "assets.jsonl").read_text().splitlines()
    for line in lines:
        with Image.open(paying.folder / "out" / "quickstart" / json.loads(line)["path"]) as image:
            image.load()
    assert not list((paying.folder / "out" / "quickstart").rglob("*.part"))
