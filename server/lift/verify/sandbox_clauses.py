"""Judges clauses on values, and says which part of a false one is false; a part of the sandbox's child.

Loaded by ``sandbox.py`` without a package around it: standard library only. Knows nothing of how the
function is run.
"""

from __future__ import annotations

import builtins
import copy

from sandbox_values import LIMIT, fields, is_enum, spell  # pyright: ignore[reportMissingImports]

_SHORT = 200
# As in ``replay.py``: how a clause asks for an old value, and for a parameter's copy from before.
_OLD, _ENTRY = "__old__", "__entry_"


class Expired(BaseException):
    """The case has used up its time; not an Exception, so that ``except Exception`` lets it pass."""


class Denied(BaseException):
    """Something that does not run here, so that the run says nothing about the function."""


class Unavailable(Exception):
    """An old value that could not be kept."""


class State:
    """What signal handlers and denied builtins share with the code around them.

    Attributes:
        denied: Why the run says nothing, once foreign code has asked for something that is denied.
        armed: Whether foreign code is running on a case's time.
    """

    denied = ""
    armed = False


def judge(program, check, scope):
    """Whether a clause holds: ``(True | False | None, detail)``; None where that cannot be said."""
    if "bad" in check:
        return None, check["bad"]
    plan = check["plan"]
    try:
        if eval(program.expression(plan["code"]), dict(scope)):
            return (None, State.denied) if State.denied else (True, "")
    except Expired:
        raise
    except BaseException as error:
        undecided = _undecided(error)
        if undecided:
            return None, undecided
        return False, explain(program, plan, scope)
    return (None, State.denied) if State.denied else (False, explain(program, plan, scope))


def condition(program, check, scope):
    """Whether the condition of a Raises clause holds at entry; None where it has no value there."""
    if "bad" in check:
        return None, check["bad"]
    try:
        return bool(_value(program, check["plan"], dict(scope))), ""
    except Expired:
        raise
    except BaseException as error:
        return None, f"`{check['plan']['text']}` raises {describe(error)}"


def _undecided(error):
    """Why an exception while a clause is evaluated says nothing about the clause; empty if it does."""
    if isinstance(error, (Denied, Unavailable)):
        return str(error)
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return describe(error)
    return limit_of(error)


def limit_of(error):
    """The limit that an exception stands for, empty if it is the code's own."""
    if isinstance(error, RecursionError):
        return "recursion limit"
    if isinstance(error, MemoryError):
        return "memory limit"
    if isinstance(error, ValueError) and "Exceeds the limit" in message_of(error):
        return "limit on the digits of an integer"
    return ""


def explain(program, plan, scope):
    """Which part of a false clause is false, with the values, in words."""
    scope = dict(scope)
    try:
        detail = _explain(program, plan, scope)
    except (Expired, Denied):
        raise
    except BaseException:
        detail = ""
    return detail or f"`{plan['text']}` is False"


def _value(program, plan, scope):
    return eval(program.expression(plan["code"]), scope)


def _explain(program, plan, scope):
    """The detail of a plan that is false or raises; empty if it is true after all."""
    try:
        value = _value(program, plan, scope)
        if value:
            return ""
    except Expired:
        raise
    except BaseException as error:
        inner = (
            _explain_parts(program, plan, scope) if plan["form"] in ("and", "all", "implies", "if") else ""
        )
        return inner or f"`{plan['text']}` raises {describe(error)}"
    shown = f"`{plan['text']}` is {spell(value, limit=_SHORT)}"
    return _explain_parts(program, plan, scope) or shown


def _explain_parts(program, plan, scope):
    form, parts = plan["form"], plan.get("parts", ())
    if form == "and":
        return next(filter(None, (_explain(program, p, scope) for p in parts)), "")
    if form == "or":
        details = [_explain(program, p, scope) for p in parts]
        return "; ".join(details) if all(details) else ""
    if form == "not":
        inner = parts[0]
        return f"`{inner['text']}` is {spell(_value(program, inner, scope), limit=_SHORT)}"
    if form == "compare":
        return _explain_comparison(program, plan, scope)
    if form == "if":
        return _explain(program, parts[1] if _value(program, parts[0], scope) else parts[2], scope)
    if form == "implies":
        if not _value(program, parts[0], scope):
            return ""
        detail = _explain(program, parts[1], scope)
        return detail and f"`{parts[0]['text']}` holds, but {detail}"
    if form == "all":
        return _explain_all(program, plan, scope, 0, [])
    return ""


def _explain_all(program, plan, scope, depth, names):
    if depth == len(plan["loops"]):
        detail = _explain(program, plan["parts"][0], scope)
        shown = ", ".join(f"{n} = {spell(scope[n], limit=_SHORT)}" for n in dict.fromkeys(names))
        return detail and f"for {shown}: {detail}"
    loop = plan["loops"][depth]
    assign = compile(f"{loop['target']} = __item__", "<specification>", "exec", 0, dont_inherit=True)
    for item in eval(program.expression(loop["iterable"]), scope):
        inner = {**scope, "__item__": item}
        exec(assign, inner)
        if all(eval(program.expression(test), inner) for test in loop["ifs"]):
            detail = _explain_all(program, plan, inner, depth + 1, [*names, *loop["names"]])
            if detail:
                return detail
    return ""


_COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "is": lambda a, b: a is b,
    "is not": lambda a, b: a is not b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _explain_comparison(program, plan, scope):
    values = [_value(program, p, scope) for p in plan["parts"]]
    for i, sign in enumerate(plan["operators"]):
        left, right, one, other = plan["parts"][i], plan["parts"][i + 1], values[i], values[i + 1]
        if _COMPARE[sign](one, other):
            continue
        if left["constant"] and not right["constant"] and sign in _MIRRORED:
            left, right, one, other, sign = right, left, other, one, _MIRRORED[sign]
        return _phrase(left["text"], spell(one, limit=_SHORT), sign, right, spell(other, limit=_SHORT))
    return ""


def _phrase(name, value, sign, right, other):
    shown = f"{name} is {value}" if name != value else name
    constant = right["constant"]
    if sign == "==":
        return f"{shown}, not {other}"
    if sign == "!=":
        return shown if constant else f"{name} and {right['text']} are both {value}"
    if sign == "is":
        return f"{shown}, not {other}" if constant else f"{name} is not the same object as {right['text']}"
    if sign == "is not":
        return shown if constant else f"{name} is the same object as {right['text']}"
    if sign == "not in":
        return f"{shown}, which is in {other}"
    return f"{shown}, not {sign} {other}"


def judge_raises(program, names, conditions, error, report):
    """Verdicts of the raises checks; notes in the report whether what escaped is declared at all."""
    verdicts, matching = {}, {}
    for check in program.of_kind("raises"):
        key = check["key"]
        matching[key] = error is not None and _is_instance(names, error, check["exception"])
    # A condition that cannot be evaluated may hold, so that the exception is not called undeclared.
    declared = any(matches and conditions[key][0] is not False for key, matches in matching.items())
    report["undeclared"] = error is not None and not declared
    came = f"it raises {describe(error)}" if error is not None else "it returns"
    for check in program.of_kind("raises"):
        key, name = check["key"], check["exception"]
        holds, detail = conditions[key]
        if holds is None:
            verdicts[key] = (None, detail)
        elif holds and check["exact"] and not matching[key] and not declared:
            verdicts[key] = (False, f"`{check['plan']['text']}` holds, but {came} instead of raising {name}")
        elif not holds and matching[key] and not declared:
            verdicts[key] = (False, f"{came}, although `{check['plan']['text']}` does not hold")
        else:
            verdicts[key] = (True, "")
    return verdicts


def _is_instance(names, error, name):
    last = name.rpartition(".")[2]
    found = names.get(last, getattr(builtins, last, None))
    if isinstance(found, type) and isinstance(error, found):
        return True
    return any(kind.__name__ == last for kind in type(error).__mro__)


def message_of(error):
    try:
        return str(error)[:LIMIT]
    except (Expired, Denied):
        raise
    except BaseException:
        return ""


def describe(error):
    message = message_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def keep(program, check, names, entry):
    """The old values that a clause needs: names to evaluate it with, and whether identity could matter."""
    if "bad" in check or not (check["olds"] or check["snapshot"]):
        return {}, lambda: False
    kept = []
    for text in check["olds"]:
        try:
            kept.append((_copied(eval(program.expression(text), scope_of(names, entry))), None))
        except (Expired, Denied):
            raise
        except BaseException as error:
            kept.append((None, error))
    used = []

    def old(number):
        value, error = kept[number]
        if error is not None:
            raise error
        used.append(value)
        return value

    found = {_OLD: old}
    if check["snapshot"]:
        try:
            # One copy of all together, so that arguments that share an object still do.
            together = _copied({name: entry[name] for name in check["snapshot"] if name in entry})
        except Unavailable:
            together = {}
        used.append(together)
        found.update({_ENTRY + name: value for name, value in together.items()})
    return found, lambda: any(map(_by_identity, used))


def _copied(value):
    try:
        return copy.deepcopy(value)
    except (Expired, Denied):
        raise
    except BaseException as error:
        raise Unavailable(f"an old value cannot be kept: {describe(error)}") from None


def scope_of(names, bound):
    """Names to evaluate a clause with: looking at an iterator uses it up, so each clause gets its own."""
    scope = {**names, **bound}
    for name, value in bound.items():
        if hasattr(value, "__next__"):
            scope[name] = copy.copy(value)
    return scope


def _by_identity(value):
    """Whether equality of this value with its copy may fail for its being a copy."""
    pending, seen = [value], set()
    while pending:
        one = pending.pop()
        kind = type(one)
        if id(one) in seen or kind in (int, str, float, bool, bytes, type(None), complex):
            continue
        seen.add(id(one))
        if kind in (list, tuple, set, frozenset):
            pending.extend(one)
        elif kind is dict:
            pending.extend(one)
            pending.extend(one.values())
        elif kind.__eq__ is object.__eq__ and not (callable(one) or is_enum(one)):
            return True
        else:
            pending.extend(v for _, v in fields(one))
    return False
