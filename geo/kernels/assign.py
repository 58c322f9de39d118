"""Who goes where with the least way in all: shortest augmenting paths over lists that may end too soon.

Why the answer is the least of all, though lists are short: docs/matching.md.
"""

import numba as nb

UNASKED, OPEN = -1, -2  # in place of a worker: not tried yet, or left open for want of anybody
FOR_EVER = 2**62
LONGS = nb.types.Array(nb.int64, 1, "C", readonly=True)
LISTS = (LONGS, LONGS, LONGS, LONGS, nb.types.Array(nb.bool_, 1, "C", readonly=True))
STATE = (nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1])
ROOM = (nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1])


@nb.njit(inline="always")
def before(ways, whom, a, b):
    """Say whether one entry of the heap comes before another: the shorter way, of equal ones the lower worker."""
    return ways[a] < ways[b] or (ways[a] == ways[b] and whom[a] < whom[b])


@nb.njit(inline="always")
def swap(ways, whom, a, b):
    """Let two entries of the heap change places."""
    ways[a], ways[b] = ways[b], ways[a]
    whom[a], whom[b] = whom[b], whom[a]


@nb.njit(inline="always")
def push(ways, whom, size, way, worker):
    """Put an entry into the heap; return how many it has."""
    ways[size], whom[size] = way, worker
    at = size
    while at > 0 and before(ways, whom, at, (at - 1) >> 1):
        swap(ways, whom, at, (at - 1) >> 1)
        at = (at - 1) >> 1
    return size + 1


@nb.njit(inline="always")
def pop(ways, whom, size):
    """Take the first entry off the heap and leave it behind the last; return how many are left."""
    size -= 1
    swap(ways, whom, 0, size)
    at = 0
    while True:
        first = 2 * at + 1
        if first + 1 < size and before(ways, whom, first + 1, first):
            first += 1
        if first >= size or not before(ways, whom, first, at):
            return size
        swap(ways, whom, at, first)
        at = first


@nb.njit(nb.void(*LISTS, LONGS, *STATE), cache=True, nogil=True)
def take_nearest(starts, listed, workers, ways, whole, prices, worker_of, incident_of, up, down):
    """Give each incident its nearest while nobody else has them, in the order of incidents."""
    for one in range(len(starts)):
        if listed[one] == 0:
            if whole[one]:
                worker_of[one], up[one] = OPEN, prices[one]
            continue
        up[one] = ways[starts[one]]
        worker = workers[starts[one]]
        if incident_of[worker] == 0:
            worker_of[one], incident_of[worker] = worker, one + 1


@nb.njit(nb.int64(LONGS, nb.int64, *LISTS, LONGS, *STATE, *ROOM), cache=True, nogil=True)
def place(
    asked, done, starts, listed, workers, ways, whole, prices, worker_of, incident_of, up, down,
    short, seen, reached, came_from, heap_ways, heap_whom, tree,
):  # fmt: skip
    """Place the incidents `asked`, each by the shortest way of changes; return the number of searches so far.

    Of those whose search met the end of a list that may go on nothing changes; `short` marks these lists. `incident_of`
    counts from one, 0 for nobody. `seen`, `reached` and `came_from` are by worker; `seen` holds twice the number of the
    last search that met a worker, and one more once it is settled. `tree` has room for twice the incidents.
    """
    count = len(starts)
    for root in asked:
        done += 1
        mark = 2 * done
        best, best_at, best_worker = FOR_EVER, root, OPEN
        shortest_end = FOR_EVER
        size, members, one, way = 0, 0, root, 0
        while True:
            tree[members], tree[count + members] = one, way
            members += 1
            base = way - up[one]
            if base + prices[one] < best:
                best, best_at, best_worker = base + prices[one], one, OPEN
            ended = True
            for at in range(starts[one], starts[one] + listed[one]):
                if base + ways[at] >= best:
                    ended = False
                    break
                worker = workers[at]
                if seen[worker] == mark + 1:
                    continue
                far = base + ways[at] - down[worker]
                if far >= best or (seen[worker] == mark and far >= reached[worker]):
                    continue
                seen[worker], reached[worker], came_from[worker] = mark, far, one
                if incident_of[worker] == 0:
                    best, best_at, best_worker = far, one, worker
                else:
                    size = push(heap_ways, heap_whom, size, far, worker)
            if ended and not whole[one]:
                last = base + (ways[starts[one] + listed[one] - 1] if listed[one] else 0)
                shortest_end = min(shortest_end, last)
            while size > 0 and seen[heap_whom[0]] == mark + 1:
                size = pop(heap_ways, heap_whom, size)
            if size == 0 or heap_ways[0] >= min(best, shortest_end):
                break
            way, worker = heap_ways[0], heap_whom[0]
            size = pop(heap_ways, heap_whom, size)
            seen[worker] = mark + 1
            one = incident_of[worker] - 1
        if shortest_end < best:
            for at in range(members):
                one = tree[at]
                last = ways[starts[one] + listed[one] - 1] if listed[one] else 0
                if not whole[one] and tree[count + at] - up[one] + last < best:
                    short[one] = 1
            continue
        for at in range(members):
            one = tree[at]
            if at > 0:
                down[worker_of[one]] -= best - tree[count + at]
            up[one] += best - tree[count + at]
        one, worker = best_at, best_worker
        while True:
            before_it = worker_of[one]
            worker_of[one] = worker
            if worker >= 0:
                incident_of[worker] = one + 1
            if one == root:
                break
            worker = before_it
            one = came_from[worker]
    return done
