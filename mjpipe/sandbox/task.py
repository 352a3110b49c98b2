"""A task: what was accepted, what it costs, and its state at any time."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mjpipe.contract import (
    TASK_ID,
    Mode,
    Speed,
    TaskState,
    is_draft,
    may_follow,
)
from mjpipe.domain import Json, JsonObject, TaskId, Usd
from mjpipe.pricing import PriceTable
from mjpipe.sandbox.chance import seeded_fraction
from mjpipe.sandbox.envelope import Refusal
from mjpipe.sandbox.submission import Submission

_PENDING = 0.1
"""The part of a task's time in which it is pending; no page says how long that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One image of a task, 0-based."""

    task_id: TaskId
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFault:
    """A fault of a task after its acceptance, from the faults file.

    `slower` multiplies its latency; `images` is the most that come, None for all; `without` are fields that its final
    answer lacks. An `unanswered` task was accepted, but the client never got its id.
    """

    code: str | None = None
    message: str = ""
    slower: float = 1
    images: int | None = None
    without: tuple[str, ...] = ()
    unanswered: bool = False


NO_TASK_FAULT = TaskFault()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An accepted task.

    `input` is as received. `configuration` is the mode that is executed: for a reroll, that of its source. `speed` is
    None for modes without one. `source` is the sandbox's own picture that it starts from, None for none and for
    pictures of other hosts; for one that starts from a whole task it is number 0. `seed` comes from the request alone,
    and decides latency and pictures. `price` is None when no price is documented. Times are Unix milliseconds. `origin`
    is the scheme and host at which the client reached the sandbox. `photo` names the source image that was fetched
    from another host, None for none.
    """

    id: TaskId
    input: JsonObject
    mode: Mode
    configuration: Mode
    speed: Speed | None
    draft: bool
    source: Picture | None
    seed: str
    price: Usd | None
    created: int
    completed: int
    images: int
    fault: TaskFault = NO_TASK_FAULT
    callback_url: str | None = None
    origin: str = ""
    photo: str | None = None

    def state(self, now: int) -> TaskState:
        if now >= self.completed:
            return TaskState.FAILED if self.fault.code is not None else TaskState.SUCCESS
        waits = (self.completed - self.created) * _PENDING
        return TaskState.PENDING if now < self.created + waits else TaskState.PROCESSING

    def actions(self) -> Iterator[Json]:
        """The follow-ups that a successful task offers (seed page, Poll for result)."""
        for mode in self.mode.facts.followed_by:
            if mode.facts.follows_drafts_only and not self.draft:
                continue
            action: dict[str, Json] = {"mode": mode}
            if not mode.facts.takes_whole_task:
                action["imageIndex_options"] = list(range(self.images))
            if mode.facts.types:
                action["type_options"] = mode.facts.types
            yield action


def status_document(task: Task, now: int, url: Callable[[Picture], str]) -> Mapping[str, Json]:
    """The `data` of a status answer and of a webhook (seed page, Status response fields)."""
    state = task.state(now)
    document: dict[str, Json] = {"taskId": task.id, "state": state}
    if state is TaskState.SUCCESS:
        urls = [url(Picture(task_id=task.id, index=index)) for index in range(task.images)]
        document["resultJson"] = json.dumps({"resultUrls": urls}, separators=(",", ":"))
        document["supported_actions"] = list(task.actions())
    elif state is TaskState.FAILED:
        document["failCode"] = task.fault.code
        document["failMsg"] = task.fault.message
    document["createTime"] = task.created
    if now >= task.completed:
        document["completeTime"] = task.completed
        document["costTime"] = task.completed - task.created
        for name in task.fault.without:
            document.pop(name, None)
    return document


def check_source(submission: Submission, source: Task | None, now: int) -> Task:
    """The source of a mode that starts from a task. Raises Refusal (400) when the mode may not follow it."""
    if source is None:
        raise Refusal(400, f"{TASK_ID} not found")
    if source.state(now) is not TaskState.SUCCESS:
        raise Refusal(400, f"{TASK_ID} must be that of a successful task, it is {source.state(now)}")
    if not may_follow(submission.mode, source.mode):
        raise Refusal(400, f"{submission.mode} cannot follow {source.mode}")
    if submission.mode.facts.follows_drafts_only and not source.draft:
        raise Refusal(400, f"{submission.mode} only works for successful Midjourney draft results")
    index = submission.image_index
    if index is not None and not 0 <= index < source.images:
        raise Refusal(400, f"imageIndex must be one of {', '.join(str(number) for number in range(source.images))}")
    return source


def new_task(
    submission: Submission,
    source: Task | None,
    picture: Picture | None,
    *,
    task_id: TaskId,
    now: int,
    speed_up: float,
    prices: PriceTable,
    origin: str,
) -> Task:
    """The task that an accepted submission becomes.

    `picture` is the one that the submission starts from, `source` its task.
    """
    mode = submission.mode
    repeated = source if mode.facts.repeats_source else None
    configuration = repeated.configuration if repeated else mode
    speed = repeated.speed if repeated else submission.speed
    seed = _request_seed(submission.input, source, picture)
    pace = configuration.facts.timing(speed)
    latency = (pace.shortest + (pace.longest - pace.shortest) * seeded_fraction(seed, "latency")) / speed_up
    version = submission.input.get("version")
    return Task(
        id=task_id,
        input=submission.input,
        mode=mode,
        configuration=configuration,
        speed=speed,
        draft=repeated.draft if repeated else is_draft(mode, speed, version if isinstance(version, str) else None),
        source=picture,
        seed=seed,
        price=repeated.price if repeated else prices.quote(submission.input),
        created=now,
        completed=now + max(1, round(latency * 1000)),
        images=configuration.facts.images,
        callback_url=submission.callback_url,
        origin=origin,
    )


def with_fault(task: Task, fault: TaskFault) -> Task:
    return replace(
        task,
        completed=task.created + round((task.completed - task.created) * fault.slower),
        images=task.images if fault.images is None else min(task.images, fault.images),
        fault=fault,
    )


def _request_seed(request: JsonObject, source: Task | None, picture: Picture | None) -> str:
    """Hex digits from the request alone. The source's seed replaces its taskId, which is different each time."""
    names: dict[str, Json] = {}
    if source is not None and picture is not None:
        urls = request.get("image_urls")
        if TASK_ID in request:
            names[TASK_ID] = source.seed
        if isinstance(urls, list):
            names["image_urls"] = [f"{source.seed}/{picture.index}", *urls[1:]]
    text = json.dumps({**request, **names}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
