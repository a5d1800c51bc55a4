"""Loops without annotations whose specification holds: each function is proved."""


def has_break(xs: list[int], x: int) -> bool:
    """Has break.

    Ensures:
        - ``result == any(y == x for y in xs)``
    """
    found = False
    for y in xs:
        if y == x:
            found = True
            break
    return found


def has_else(xs: list[int], x: int) -> bool:
    """Has else.

    Ensures:
        - ``result == (x in xs)``
    """
    for y in xs:
        if y == x:
            answer = True
            break
    else:
        answer = False
    return answer


def split_by(xs: list[int], p: int) -> tuple[list[int], list[int]]:
    """Split by.

    Ensures:
        - ``all(x < p for x in result[0])``
        - ``all(x >= p for x in result[1])``
        - ``len(result[0]) + len(result[1]) == len(xs)``
    """
    low = []
    high = []
    for x in xs:
        if x < p:
            low.append(x)
        else:
            high.append(x)
    return low, high


def gcd(a: int, b: int) -> int:
    """Gcd.

    Requires:
        - ``a >= 0``
        - ``b >= 0``
        - ``a + b > 0``

    Ensures:
        - ``result > 0``
    """
    while b != 0:
        a, b = b, a % b
    return a


def digit_sum(n: int) -> int:
    """Digit sum.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``0 <= result <= n``
    """
    t = 0
    while n > 0:
        t += n % 10
        n //= 10
    return t


def digit_count(n: int) -> int:
    """Digit count.

    Requires:
        - ``n > 0``

    Ensures:
        - ``result >= 1``
    """
    c = 0
    while n > 0:
        c += 1
        n //= 10
    return c


def multiply(a: int, b: int) -> int:
    """Multiply.

    Requires:
        - ``b >= 0``

    Ensures:
        - ``result == a * b``
    """
    t = 0
    while b > 0:
        t += a
        b -= 1
    return t


def divide(a: int, b: int) -> tuple[int, int]:
    """Divide.

    Requires:
        - ``a >= 0``
        - ``b > 0``

    Ensures:
        - ``result[0] * b + result[1] == a``
        - ``0 <= result[1] < b``
    """
    q = 0
    r = a
    while r >= b:
        r -= b
        q += 1
    return q, r


def by_twos(n: int) -> int:
    """By twos.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``n <= result <= n + 1``
        - ``result % 2 == 0``
    """
    i = 0
    while i < n:
        i += 2
    return i


def wave(n: int) -> int:
    """Up to ten and down again.

    Ensures:
        - ``0 <= result <= 10``
    """
    x, up = 0, 1
    for _ in range(n):
        if up == 1:
            x += 1
            if x == 10:
                up = 0
        else:
            x -= 1
            if x == 0:
                up = 1
    return x


def merged(a: list[int], b: list[int]) -> list[int]:
    """Merge.

    Ensures:
        - ``len(result) == len(a) + len(b)``
    """
    i = j = 0
    out: list[int] = []
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out.append(a[i])
            i += 1
        else:
            out.append(b[j])
            j += 1
    out.extend(a[i:])
    out.extend(b[j:])
    return out
