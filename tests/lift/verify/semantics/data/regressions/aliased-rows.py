def f(xs: list[int], ys: list[int]):
    xs += [1]
    ys = ys + [2]
    return xs, ys, len(xs)

# inputs: ([5], [5])
# one object: [(1, 0)]
# inputs: ([5], [5])
# one object: []
