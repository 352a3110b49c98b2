"""How many jobs a manifest asks for, found from its nodes and inputs before any job is made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from math import prod

from mjpipe.domain import Place
from mjpipe.manifest import ChosenImages, Manifest, Node
from mjpipe.plan.inputs.tables import InputTable

MOST_JOBS = 1_000_000
"""Of one plan. At the lowest price that is documented they would cost tens of thousands of dollars."""

_LARGE_ROW = 100
"""From so many jobs of one row on the rows are counted first: that is quick beside making their jobs."""

_NAMED = 3
"""How many factors are written with what they count."""

_SHOWN = 6
"""How many factors are written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Factor:
    number: int
    of: str
    is_of_images: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """What multiplies on the way from a node without a source, `root`, to `node`."""

    root: Node
    node: Node
    factors: tuple[_Factor, ...] = ()

    @property
    def product(self) -> int:
        return prod(factor.number for factor in self.factors)

    def then(self, factors: tuple[_Factor, ...]) -> "_Chain":
        return replace(self, factors=(*self.factors, *factors))


class TooManyJobs(Exception):
    """A node, as `place` says, would have more jobs than a plan may have."""

    def __init__(self, node: Node, message: str, advice: str) -> None:
        super().__init__(message)
        self.place: Place = node.places.get("images", node.places.get("for_each", node.place))
        self.advice = advice


def check_job_counts(manifest: Manifest, tables: Mapping[str, InputTable]) -> None:
    """Raises TooManyJobs when rows, images and takes multiply beyond `MOST_JOBS` at a node.

    Picks count as if every image were picked: a plan lists what they could bring. The rows of a node with a `where`
    count as one, because nobody knows how many it keeps.
    """
    largest: dict[str, _Chain] = {}
    """By the name of the node without a source that they begin with."""
    chains: dict[str, _Chain] = {}
    for name in manifest.graph.order():
        node = manifest.nodes[name]
        before = max(
            (chains[source].then(_images(manifest.nodes[source], node)) for source in node.sources),
            key=_product,
            default=None,
        )
        chain = (before or _Chain(root=node, node=node)).then((*_other_rows(node, tables), *_takes(node)))
        chains[name] = replace(chain, node=node)
        root = chain.root.name
        largest[root] = max(chains[name], largest.get(root, chains[name]), key=_product)
    for chain in largest.values():
        whole = replace(chain, factors=(*_first_rows(chain, tables), *chain.factors))
        if whole.product > MOST_JOBS:
            raise _too_many(whole)


def too_many_made(node: Node) -> TooManyJobs:
    """For a plan whose jobs turn out to be too many while they are made."""
    return TooManyJobs(
        node, f"the plan has more than {MOST_JOBS:,} jobs, which is the most that a campaign can have", _ADVICE_FOR_ROWS
    )


_ADVICE_FOR_ROWS = (
    "limit the rows with `where` or `limit`, walk inputs side by side with `zip`, or make several campaigns"
)
_ADVICE_FOR_IMAGES = "choose single images on the way, such as `images: [0]`"


def _product(chain: _Chain) -> int:
    return chain.product


def _images(source: Node, node: Node) -> tuple[_Factor, ...]:
    match node.images:
        case None:
            return ()
        case ChosenImages():
            number = source.mode.facts.images
        case numbers:
            number = len(numbers)
    return (_Factor(number=number, of=f"images of `{source.name}`", is_of_images=True),)


def _takes(node: Node) -> tuple[_Factor, ...]:
    return () if node.take is None else (_Factor(number=node.take, of=f"takes of `{node.name}`"),)


def _other_rows(node: Node, tables: Mapping[str, InputTable]) -> tuple[_Factor, ...]:
    """Those of inputs that sit in memory, and that a node multiplies what is before them with."""
    if node.zipped or node.where is not None:
        return ()
    inputs = _inputs(node, tables)
    others = inputs if node.sources else inputs[1:]
    return tuple(_Factor(number=len(table.in_memory), of=f"rows of `{table.name}`") for table in others)


def _first_rows(chain: "_Chain", tables: Mapping[str, InputTable]) -> tuple[_Factor, ...]:
    """Those of the input that streams, when so much follows from each of them that counting them costs little."""
    node, each = chain.root, chain.product
    inputs = _inputs(node, tables)
    if node.where is not None or not inputs or each < _LARGE_ROW:
        return ()
    rows = inputs[0].rows()
    counted = sum(1 for _ in islice(rows, MOST_JOBS // each + 1))
    counted += sum(1 for _ in islice(rows, MOST_JOBS))  # too many already: as many as there are
    return (_Factor(number=counted, of=f"rows of `{inputs[0].name}`"),)


def _inputs(node: Node, tables: Mapping[str, InputTable]) -> list[InputTable]:
    return [tables[name] for name in node.for_each if tables[name].has_rows]


def _too_many(chain: "_Chain") -> TooManyJobs:
    counted = [factor for factor in chain.factors if factor.number > 1]
    images = [factor for factor in counted if factor.is_of_images]
    return TooManyJobs(
        chain.node,
        f"`{chain.node.name}` would have {chain.product:,} jobs, and a campaign has {MOST_JOBS:,} at most",
        f"{_arithmetic(counted)}: {_ADVICE_FOR_IMAGES if len(images) * 2 > len(counted) else _ADVICE_FOR_ROWS}",
    )


def _arithmetic(factors: list[_Factor]) -> str:
    if len(factors) <= _NAMED:
        return " × ".join(f"{factor.number:,} {factor.of}" for factor in factors)
    numbers = [f"{factor.number:,}" for factor in factors]
    shown = numbers if len(numbers) <= _SHOWN else [*numbers[: _SHOWN - 2], "…", numbers[-1]]
    return f"{' × '.join(shown)} ({len(numbers)} factors, from the {factors[0].of} on)"
