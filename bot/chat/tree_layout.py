"""Where the messages of a chat's tree stand in a picture: runs folded, branches side by side.

The path that a chat stands on runs straight down; what branches off it, or off a branch, stands to the right or left,
wherever it comes closer for what hangs below (the contours of Reingold and Tilford, “Tidier Drawings of Trees”, 1981).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.messages import Role, Status

RUN = 3
"""So many messages without a branch stand as one."""


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A message of a tree: who speaks, how it begins, and the number of its branch where it is the end of one."""

    id: UUID
    parent_id: UUID | None
    depth: int
    role: Role
    name: str
    excerpt: str
    status: Status
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Knot:
    """One thing in the picture: a message, or `count` of them in a row, of which `node` is the last."""

    node: TreeNode
    parent: UUID | None
    count: int
    on_path: bool

    @property
    def id(self) -> UUID:
        """What the knots below name as their parent."""
        return self.node.id


@dataclass(frozen=True, slots=True)
class Spot:
    """A knot and where it stands: the column may be negative or between two, the row counts from the root."""

    knot: Knot
    column: float
    row: int


def prune(nodes: Sequence[TreeNode], path: Collection[UUID], most: int) -> tuple[list[TreeNode], int]:
    """The nodes that lead to `most` ends or lie on the path, and how many ends are left off.

    Left off are first the ends without a number, then those with the greatest.
    """
    on_path = set(path)
    parents = {node.parent_id for node in nodes}
    ends = [node for node in nodes if node.id not in parents]
    ends.sort(key=lambda node: (node.id not in on_path, node.number is None, node.number or 0))
    by_id = {node.id: node for node in nodes}
    kept = on_path & by_id.keys()
    for node in ends[:most]:
        above: TreeNode | None = node
        while above is not None and above.id not in kept:
            kept.add(above.id)
            above = by_id.get(above.parent_id) if above.parent_id else None
    return [node for node in nodes if node.id in kept], sum(node.id not in kept for node in ends)


def fold(nodes: Sequence[TreeNode], path: Collection[UUID]) -> list[Knot]:
    """The knots of a tree, parents before children, in the order of the messages.

    Kept as they are: roots, the ends of branches, the first message of each branch, and where the path ends. Of what
    lies between, RUN messages or more in a row are one. A message whose parent is not among the nodes is a root.
    """
    known = {node.id: node for node in nodes}
    below = _children(nodes, known)
    on_path = set(path)
    end = _end_of(on_path, known, below)
    knots: list[Knot] = []
    waiting: list[tuple[TreeNode, UUID | None]] = [(node, None) for node in reversed(below.get(None, []))]
    while waiting:
        first, parent = waiting.pop()
        run = [first]
        if parent is not None and not _stands_alone(first, known, below, end):
            while len(below.get(run[-1].id, ())) == 1:
                following = below[run[-1].id][0]
                if _stands_alone(following, known, below, end):
                    break
                run.append(following)
        for part in [run] if len(run) >= RUN else [[node] for node in run]:
            knots.append(Knot(part[-1], parent, len(part), part[-1].id in on_path))
            parent = part[-1].id
        waiting += [(child, parent) for child in reversed(below.get(run[-1].id, []))]
    return knots


def arrange(knots: Sequence[Knot]) -> list[Spot]:
    """Gives every knot its place; knots of one row are at least one column apart, and no branch crosses another."""
    below: dict[UUID | None, list[Knot]] = {}
    for knot in knots:
        below.setdefault(knot.parent, []).append(knot)
    shifts: dict[UUID, float] = {}
    shapes: dict[UUID, _Shape] = {}
    for knot in reversed(knots):  # children before parents
        hanging = _spread([shapes.pop(child.id) for child in _main_first(below.get(knot.id, []))], shifts)
        shapes[knot.id] = _Shape(knot.id, [0.0, *hanging.left], [0.0, *hanging.right])
    roots = _main_first(below.get(None, []))
    _spread([shapes[knot.id] for knot in roots], shifts)
    spots: list[Spot] = []
    places: dict[UUID | None, tuple[float, int]] = {None: (0.0, -1)}
    for knot in knots:
        column, row = places[knot.parent]
        places[knot.id] = column + shifts.get(knot.id, 0.0), row + 1
        spots.append(Spot(knot, *places[knot.id]))
    return spots


# --- the parts ------------------------------------------------------------------------------------


def _children(nodes: Sequence[TreeNode], known: Collection[UUID]) -> dict[UUID | None, list[TreeNode]]:
    below: dict[UUID | None, list[TreeNode]] = {}
    for node in nodes:
        below.setdefault(node.parent_id if node.parent_id in known else None, []).append(node)
    return below


def _end_of(path: Collection[UUID], known: Collection[UUID], below: dict[UUID | None, list[TreeNode]]) -> UUID | None:
    """The message of the path after which none of the path comes."""
    passed = {parent for parent, children in below.items() if any(child.id in path for child in children)}
    return next((each for each in path if each in known and each not in passed), None)


def _stands_alone(
    node: TreeNode, known: Collection[UUID], below: dict[UUID | None, list[TreeNode]], end: UUID | None
) -> bool:
    if node.id == end or node.id not in below or node.parent_id not in known:
        return True
    return len(below[node.parent_id]) > 1


def _main_first(knots: list[Knot]) -> list[Knot]:
    """The one on the path goes straight down; else the oldest does."""
    return sorted(knots, key=lambda knot: not knot.on_path)


@dataclass(slots=True)
class _Shape:
    """A subtree: for each of its rows the outermost columns, counted from its root's."""

    root: UUID
    left: list[float]
    right: list[float]


def _spread(shapes: list[_Shape], shifts: dict[UUID, float]) -> _Shape:
    """Sets the first below its parent, the others on the side where they are nearer; notes how far each was shifted."""
    whole = _Shape(UUID(int=0), [], [])
    for shape in shapes:
        shared = range(min(len(whole.left), len(shape.left)))
        to_the_right = max((whole.right[row] - shape.left[row] for row in shared), default=-1.0) + 1.0
        to_the_left = min((whole.left[row] - shape.right[row] for row in shared), default=1.0) - 1.0
        shift = to_the_right if to_the_right <= -to_the_left else to_the_left
        shifts[shape.root] = shift
        for row, (left, right) in enumerate(zip(shape.left, shape.right, strict=True)):
            if row in shared:
                whole.left[row] = min(whole.left[row], left + shift)
                whole.right[row] = max(whole.right[row], right + shift)
            else:
                whole.left.append(left + shift)
                whole.right.append(right + shift)
    return whole


def extent(spots: Sequence[Spot]) -> tuple[float, float, int]:
    """The first column, the number of columns, and the number of rows."""
    columns = [spot.column for spot in spots]
    return min(columns), max(columns) - min(columns) + 1, max(spot.row for spot in spots) + 1
