def f(a: int, s: str, xs: list[int]):
    return 1 if a else 2, s or xs, xs and a

# inputs: (0, '', [])
# one object: []
# inputs: (True, '\n', [0])
# one object: []
