def f(a: int, b: int):
    return a // b, a % b, divmod(a, b)

# inputs: (7, -2)
# one object: []
# inputs: (-7, 2)
# one object: []
# inputs: (True, 0)
# one object: []
