"""Programs of every form of statement, each of which the verifier must run as CPython does."""

import contextlib
from contextlib import nullcontext, suppress


def match_literals(x: int):
    match x:
        case 1:
            return "one"
        case 0 | 2:
            return "even"
        case -1:
            return "minus"
    return x


def match_capture_and_guard(x: int):
    match x:
        case y if y > 1:
            r = y
        case y:
            r = -y
    return r, y


def match_a_name_of_a_pattern_that_fails_stays_unbound(x: int):
    y = 7
    match (x, 1):
        case (y, 2):
            return 0
        case _:
            return y


def match_a_name_whose_guard_fails_is_bound(x: int):
    y = 7
    match x:
        case y if y > 100:
            return 0
    return y


def match_sequences(xs: list[int]):
    match xs:
        case []:
            return 0
        case [x]:
            return x
        case [0, *rest]:
            return rest
        case [first, *_, last]:
            return first, last


def match_a_starred_part_is_a_new_list(xs: list[int]):
    match xs:
        case [*ys]:
            ys.append(9)
            return ys, xs


def match_a_text_is_no_sequence(x: str):
    match x:
        case [a]:
            return a
        case "a" | "b":
            return 1
        case str(s):
            return s


def match_kinds_of_a_union(x: int | str | None | tuple[int, int]):
    match x:
        case None:
            return "none"
        case bool():
            return "bool"
        case int(n):
            return n
        case (a, b):
            return a + b
        case str():
            return x


def match_mappings(d: dict[str, int]):
    match d:
        case {"a": 1}:
            return "one"
        case {"a": x, "b": y}:
            return x + y
        case {}:
            return "any"


def match_nested(a: int, b: int):
    match [a, (b, "x")]:
        case [1 | 2 as p, (0, t)]:
            return p, t
        case [_, (q, "x")] if q > 1:
            return q
        case [*_]:
            return a


def match_too_many_parts_of_a_built_in_class(x: int):
    match x:
        case int(a, b):
            return a
    return x


def match_singletons(x: bool):
    match x:
        case True:
            return 1
        case False:
            return 0


def match_alternatives_that_bind(a: int, b: int):
    match (a, b):
        case (0, x) | (x, 0):
            return x
        case (1, _) | (_, 1):
            return "one"
    return a


def match_break_and_continue(n: int):
    seen = []
    for i in range(5):
        match i:
            case 1:
                continue
            case 3 if n > 0:
                break
            case _:
                seen.append(i)
    else:
        return "all", seen
    return seen


class M:
    def __init__(self, n: int, log: list[object]) -> None:
        self.n: int = n
        self.log: list[object] = log

    def __enter__(self):
        self.log.append("enter")
        return self.n

    def __exit__(self, kind, error, trace):
        self.log.append(kind is None)
        if kind is KeyError:
            self.log.append(isinstance(error, KeyError))
            return True
        return self.n == 0


def handle_finally_after_return(n: int):
    log = []
    xs = [1, 2]
    try:
        return n
    finally:
        log.append(1)


def handle_finally_that_returns(n: int):
    log = []
    xs = [1, 2]
    try:
        return 10 // n
    finally:
        return 5


def handle_finally_that_breaks(n: int):
    log = []
    xs = [1, 2]
    for i in range(3):
        try:
            return 10 // n
        finally:
            break
    return i


def handle_return_in_else(n: int):
    log = []
    xs = [1, 2]
    try:
        x = 10 // n
    except ZeroDivisionError:
        return "zero"
    else:
        return x
    finally:
        log.append(2)


def handle_raise_again_in_finally(n: int):
    log = []
    xs = [1, 2]
    try:
        raise KeyError
    except KeyError:
        try:
            x = 10 // n
        finally:
            raise


def handle_raise_again_after_a_nested_one(n: int):
    log = []
    xs = [1, 2]
    try:
        return 10 // n
    except ArithmeticError:
        try:
            raise KeyError
        except LookupError:
            pass
        raise


def handle_the_caught_name_is_gone(n: int):
    log = []
    xs = [1, 2]
    try:
        x = 10 // n
    except ZeroDivisionError as e:
        x = 1
    return e if n == 0 else x


def handle_several_classes(n: int):
    log = []
    xs = [1, 2]
    try:
        return [1, 2][10 // n]
    except (KeyError, ZeroDivisionError):
        return "z"
    except IndexError as e:
        return isinstance(e, LookupError), isinstance(e, KeyError)


def handle_a_cause(n: int):
    log = []
    xs = [1, 2]
    try:
        return 10 // n
    except ZeroDivisionError as e:
        raise ValueError("v") from e


def handle_continue_in_finally(n: int):
    log = []
    xs = [1, 2]
    for i in range(3):
        try:
            log.append(10 // (n - i))
        except ZeroDivisionError:
            log.append(-1)
        finally:
            continue
    return log


def handle_an_alias_of_a_class(n: int):
    log = []
    xs = [1, 2]
    try:
        raise IOError
    except OSError:
        return IOError is OSError


def handle_suppress(n: int):
    log = []
    xs = [1, 2]
    with contextlib.suppress(ZeroDivisionError, KeyError) as s:
        log.append(10 // n)
        log.append(s)
    return log


def handle_suppress_something_else(n: int):
    log = []
    xs = [1, 2]
    with suppress(KeyError):
        return 10 // n
    return 0


def handle_nullcontext(n: int):
    log = []
    xs = [1, 2]
    with nullcontext(n) as a, nullcontext() as b:
        return 10 // a, b


def handle_a_manager(n: int):
    log = []
    xs = [1, 2]
    m = M(n, log)
    with m as v:
        log.append(10 // (n - 1))
        if n == 2:
            return v
    return log


def handle_two_managers(n: int):
    log = []
    xs = [1, 2]
    with M(n, log) as a, M(1, log):
        log.append(a)
        raise KeyError
    return log


def handle_a_name_for_the_target(n: int):
    log = []
    xs = [1, 2]
    with M(0, log) as xs[n]:
        log.append("in")
    return xs


def handle_two_deletions(n: int):
    log = []
    xs = [1, 2]
    a = b = n
    del a, b
    return a


def nested_late_binding(n: int):
    k = 1
    g = lambda x: x + k
    k = n
    return g(1)


def nested_bound_early_by_a_default(n: int):
    k = 1
    g = lambda x, k=k: x + k
    k = n
    return g(1)


def nested_closures_of_a_loop(n: int):
    gs = [0, 0]
    h = lambda: -1
    for i in range(3):

        def g():
            return i

        if i == n:
            h = g
    return h()


def nested_a_counter(n: int):
    c = 0

    def up():
        nonlocal c
        c += n
        return c

    return up() + up(), c


def nested_two_levels(n: int):
    c = 0

    def a():
        def b():
            nonlocal c
            c = c + n

        b()
        b()
        return c

    return a(), c


def nested_each_call_has_its_own(n: int):
    def make():
        c = 0

        def up():
            nonlocal c
            c += 1
            return c

        return up

    a = make()
    b = make()
    return a(), a(), b()


def nested_in_a_condition(n: int):
    c = 0

    def up(x):
        nonlocal c
        c = c * 10 + x
        return x > 1

    r = up(n) and up(3) or up(4)
    return r, c


def nested_order_in_a_sum(n: int):
    c = n

    def up():
        nonlocal c
        c += 1
        return c

    return c - up() * c


def nested_a_variable_of_a_loop(n: int):
    def g():
        nonlocal i
        i = 7

    for i in range(n):
        g()
    return i


def nested_walrus(n: int):
    return [y := n, y + 1, (z := y * 2) - z] if (y := n + 1) > 1 else y


def nested_unbound_before(n: int):
    def g():
        return c

    if n > 0:
        c = n
    return g()


def nested_star(n: int):
    def g(a, *rest, k=2):
        return a, rest, k

    return g(1), g(n, 3, 4, k=5)


def nested_mutable_default(n: int):
    def g(x, acc=[]):
        acc.append(x)
        return len(acc)

    return g(n), g(n), g(1, [])


def nested_chained(n: int):
    a = b = [n]
    b.append(1)
    return a, b is a


def nested_while_else(n: int):
    i = 0
    while i < 3:
        if i == n:
            break
        i += 1
    else:
        return "no"
    return i
