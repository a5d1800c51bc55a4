"""Methods of strings. What they give is exact, or a text of which only some things are said.

Facts about a text that is not known exactly must hold for every Unicode text; the tests ask CPython about
every code point where they rest on single characters.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import operators, sizes, text_characters
from lift.verify.operators import number, raises
from lift.verify.state import Engine, ListObject, Result, State
from lift.verify.symbols import constant, fresh_seq
from lift.verify.text_case import cased, class_of, strip
from lift.verify.text_values import EMPTY, Arguments, Method, text_term, wrong
from lift.verify.types import TStr
from lift.verify.values import (
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VInt,
    VNone,
    VStr,
    VTuple,
    as_int,
    as_str,
    concrete_seq,
    fresh_name,
    str_value,
    term_of_key,
)

REVERSED = z3.Function("reversed text", z3.StringSort(), z3.StringSort())


def _constants(value: Value, args: Arguments) -> tuple[str, list[object]] | None:
    """The text and the arguments where all of them are constants."""
    text = as_str(text_term(value))
    known: list[object] = []
    for one in args:
        content = as_str(one.term) if isinstance(one, VStr) else None
        count = as_int(one.term) if isinstance(one, VInt) else None
        if content is None and count is None and not isinstance(one, VNone):
            return None
        known.append(None if isinstance(one, VNone) else count if content is None else content)
    return None if text is None else (text, known)


def _folded(method: Method, name: str) -> Method:
    """The method, computed by CPython where everything is known."""

    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        known = _constants(value, args)
        if known is None or any(isinstance(a, int) and abs(a) > 4096 for a in known[1]):
            return method(engine, state, value, args, node)
        try:
            result = getattr(known[0], name)(*known[1])
        except (TypeError, ValueError) as error:
            return [raises(state, type(error).__name__, node, str(error))]
        if isinstance(result, list):
            state = state.fork()
            items = concrete_seq([str_value(part) for part in result])
            return [(state, engine.allocate(state, ListObject(items)))]
        return [(state, constant(result))]

    return run


# Searching.


def _window(text: Term, bounds: Arguments) -> tuple[Term, Term] | None:
    """Where a search begins and ends in a text, as CPython clips it; None for other bounds than integers."""
    length = z3.Length(text)
    terms: list[Term] = [None if isinstance(b, VNone) else number(b) for b in bounds]
    if any(t is None and not isinstance(b, VNone) for t, b in zip(terms, bounds, strict=True)):
        return None
    start: Term = terms[0] if terms and terms[0] is not None else z3.IntVal(0)
    stop: Term = terms[1] if len(terms) > 1 and terms[1] is not None else length
    begin = z3.If(start >= 0, start, z3.If(start + length >= 0, start + length, z3.IntVal(0)))
    end = z3.If(stop > length, length, z3.If(stop >= 0, stop, z3.If(stop + length >= 0, stop + length, 0)))
    return z3.simplify(begin), z3.simplify(end)


def _place(engine: Engine, text: Term, part: Term, bounds: Arguments, *, last: bool) -> Term | None:
    """The index of the first or last occurrence, -1 if there is none; None for bounds that do not fit."""
    window = _window(text, bounds)
    if window is None or len(bounds) > 2:
        return None
    begin, end = window
    if not bounds:
        return _last_index(engine, text, part) if last else z3.IndexOf(text, part, 0)
    inner = z3.SubString(text, begin, end - begin)
    found = _last_index(engine, inner, part) if last else z3.IndexOf(inner, part, 0)
    return z3.If(z3.Or(begin > end, found < 0), z3.IntVal(-1), begin + found)


def _say_what_is_there(engine: Engine, text: Term, part: Term, at: Term, size: Term) -> None:
    """What a found place means, which the solver does not see by itself.

    Not for each element of a sequence, where facts would have to be quantified.
    """
    if engine.depth == 0:
        found = z3.And(z3.SubString(text, at, size) == part, at + size <= z3.Length(text))
        engine.facts.append(z3.Implies(at >= 0, found))


def _last_index(engine: Engine, text: Term, part: Term) -> Term:
    """The last occurrence, described by the text behind it, since the solver's own function is weak."""
    found = z3.Int(fresh_name("last"))
    size: Term = z3.Length(part)
    length: Term = z3.Length(text)
    behind = z3.SubString(text, found + 1, length - found - 1)
    there = z3.And(
        found >= 0,
        found + size <= length,
        z3.SubString(text, found, size) == part,
        z3.Not(z3.Contains(behind, part)),
    )
    engine.facts.append(z3.If(size == 0, found == length, z3.If(z3.Contains(text, part), there, found == -1)))
    return found


def _find(name: str, *, last: bool = False, strict: bool = False) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if not 1 <= len(args) <= 3 or not isinstance(args[0], VStr):
            return wrong(state, node, name)
        at = _place(engine, text_term(value), args[0].term, args[1:], last=last)
        if at is None:
            return wrong(state, node, name)
        _say_what_is_there(engine, text_term(value), args[0].term, at, z3.Length(args[0].term))
        if not strict:
            return [(state, VInt(at))]
        there, missing = engine.split(state, at >= 0)
        results = [raises(missing, "ValueError", node, "substring not found")] if missing else []
        return [*results, (there, VInt(at))] if there else results

    return run


def _affix(name: str, *, prefix: bool) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        text = text_term(value)
        if not 1 <= len(args) <= 3:
            return wrong(state, node, name)
        wanted = args[0].seq.items if isinstance(args[0], VTuple) else (args[0],)
        if wanted is None or not all(isinstance(w, VStr) for w in wanted):
            if wanted is not None and isinstance(args[0], VNone | VInt | VBool):
                return wrong(state, node, name)
            raise Unsupported(f"str.{name}() with these arguments", node)
        window = _window(text, args[1:])
        if window is None:
            return wrong(state, node, name)
        begin, end = window
        inner = z3.SubString(text, begin, end - begin) if len(args) > 1 else text
        test = z3.PrefixOf if prefix else z3.SuffixOf
        found = [test(text_term(w), inner) for w in wanted]
        answer = z3.Or(found) if found else z3.BoolVal(False)
        return [(state, VBool(z3.And(begin <= end, answer) if len(args) > 1 else answer))]

    return run


def _count(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 1 or not isinstance(args[0], VStr):
        raise Unsupported("str.count() with other arguments than one string", node)
    engine.approximate("str.count()", node)
    found = z3.Int(fresh_name("count"))
    text, part = text_term(value), args[0].term
    engine.facts += [
        found >= 0,
        found <= z3.Length(text) + 1,
        z3.Contains(text, part) == (found > 0),
        z3.Implies(z3.Length(part) > 0, found * z3.Length(part) <= z3.Length(text)),
        z3.Implies(part == EMPTY, found == z3.Length(text) + 1),
    ]
    return [(state, VInt(found))]


# Taking apart and putting together.


def _separated(
    engine: Engine, state: State, args: Arguments, node: ast.Call
) -> tuple[State | None, list[Result]]:
    """The path on which a separator is not empty, and the end of the other one."""
    good, empty = engine.split(state, text_term(args[0]) != EMPTY)
    return good, [raises(empty, "ValueError", node, "empty separator")] if empty else []


def _partition(name: str, *, last: bool) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) != 1 or not isinstance(args[0], VStr):
            return wrong(state, node, name)
        path, results = _separated(engine, state, args, node)
        if path is None:
            return results
        text, part = text_term(value), args[0].term
        there, missing = engine.split(path, z3.Contains(text, part))
        if there:
            before, after = _around(engine, text, part, last=last)
            results.append((there, VTuple(concrete_seq([before, VStr(part), after]))))
        if missing:
            parts = [EMPTY, EMPTY, text] if last else [text, EMPTY, EMPTY]
            results.append((missing, VTuple(concrete_seq([VStr(p) for p in parts]))))
        return results

    return run


def _around(engine: Engine, text: Term, part: Term, *, last: bool) -> tuple[Value, Value]:
    """What stands before and behind the first or last occurrence of a part that is there and not empty."""
    before, after = z3.String(fresh_name("before")), z3.String(fresh_name("after"))
    size = z3.Length(part)
    # An occurrence further on may overlap this one.
    if last:
        elsewhere = z3.Concat(z3.SubString(part, 1, size - 1), after) if as_int(size) != 1 else after
    else:
        elsewhere = z3.Concat(before, z3.SubString(part, 0, size - 1)) if as_int(size) != 1 else before
    there = z3.And(z3.Contains(text, part), size > 0)
    engine.facts += [
        z3.Implies(there, text == z3.Concat(before, part, after)),
        z3.Implies(there, z3.Not(z3.Contains(elsewhere, part))),
    ]
    return VStr(before), VStr(after)


def _split(name: str, *, last: bool) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) > 2 or (args and not isinstance(args[0], VStr | VNone)):
            return wrong(state, node, name)
        most = number(args[1]) if len(args) > 1 else z3.IntVal(-1)
        limit = None if most is None else as_int(most)
        if limit is None or limit > 1 or (limit >= 0 and isinstance(args[0], VNone)):
            raise Unsupported(f"str.{name}() with this number of splits", node)
        if not args or isinstance(args[0], VNone):
            return _words(engine, state, value, node)
        path, results = _separated(engine, state, args, node)
        if path is None:
            return results
        if limit < 0:
            return [*results, *_parts(engine, path, value, args[0], node, last=last)]
        text, part = text_term(value), text_term(args[0])
        there, missing = engine.split(path, z3.Contains(text, part) if limit else z3.BoolVal(False))
        if there:
            before, after = _around(engine, text, part, last=last)
            there = there.fork()
            results.append((there, engine.allocate(there, ListObject(concrete_seq([before, after])))))
        if missing:
            missing = missing.fork()
            results.append((missing, engine.allocate(missing, ListObject(concrete_seq([value])))))
        return results

    return run


def _parts(
    engine: Engine, state: State, value: Value, separator: Value, node: ast.Call, *, last: bool
) -> list[Result]:
    """All the parts between separators, of which there is one more than separators."""
    engine.approximate("str.split()", node)
    text, part = text_term(value), text_term(separator)
    seq = fresh_seq(engine, TStr(), "parts", 1)
    i = z3.Int(fresh_name("i"))
    one = text_term(seq.get(i))
    each = z3.And(z3.Not(z3.Contains(one, part)), z3.Contains(text, one))
    first = text_term(seq.get(z3.IntVal(0)))
    head = z3.SubString(text, 0, z3.IndexOf(text, part, 0))
    facts = [
        (seq.length == 1) == z3.Not(z3.Contains(text, part)),
        # From the end, another one of overlapping separators is taken.
        first == z3.If(z3.Contains(text, part), first if last else head, text),
        seq.length <= z3.Length(text) + 1,
        z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < seq.length), each), patterns=[one]),
    ]
    # Facts hold on every path, also on those where an empty separator raises.
    engine.facts += [z3.Implies(part != EMPTY, fact) for fact in facts]
    state = state.fork()
    return [(state, engine.allocate(state, ListObject(seq)))]


def _words(engine: Engine, state: State, value: Value, node: ast.Call) -> list[Result]:
    """The parts between white space, none of them empty."""
    engine.approximate("str.split()", node)
    text = text_term(value)
    seq = fresh_seq(engine, TStr(), "words", 0)
    i = z3.Int(fresh_name("i"))
    one = text_term(seq.get(i))
    space = text_characters.with_property("isspace")
    each = z3.And(z3.Length(one) > 0, z3.Contains(text, one))
    engine.facts += [
        (seq.length == 0) == z3.InRe(text, z3.Star(space)),
        2 * seq.length <= z3.Length(text) + 1,
        z3.ForAll([i], z3.Implies(z3.And(i >= 0, i < seq.length), each), patterns=[one]),
    ]
    state = state.fork()
    return [(state, engine.allocate(state, ListObject(seq)))]


def _join(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 1 or not operators.is_iterable(state, args[0]):
        return wrong(state, node, "join")
    seq = operators.sequence(engine, state, args[0], node)
    if seq.items is None:
        return [(state, VStr(_joined(engine, value, seq, node)))]
    if not all(isinstance(v, VStr) for v in seq.items):
        raise Unsupported("str.join() of elements that may not be strings", node)
    parts: list[Term] = []
    for item in seq.items:
        parts += [text_term(value), text_term(item)] if parts else [text_term(item)]
    whole = z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else EMPTY
    return [(state, VStr(whole))]


def _joined(engine: Engine, value: Value, seq: Seq, node: ast.AST) -> Term:
    """The parts of a sequence of unknown length in one text."""
    sample = seq.get(z3.Int(fresh_name("any")))
    if not isinstance(sample, VStr):
        raise Unsupported("str.join() of elements that are not strings", node)
    plain = as_str(text_term(value)) == ""
    match seq.key:
        case ("chars", key) if plain and (text := term_of_key(key)) is not None:
            return text
        case ("reversed", _, ("chars", key)) if plain and (text := term_of_key(key)) is not None:
            return reversed_text(engine, text, node)
    engine.approximate("str.join() of a sequence of unknown length", node)
    joined = z3.String(fresh_name("joined"))
    single = z3.Length(text_term(sample)) == 1
    engine.facts.append(z3.Implies(seq.length == 0, joined == EMPTY))
    engine.facts.append(z3.Implies(seq.length == 1, joined == text_term(seq.get(z3.IntVal(0)))))
    if plain and _always(engine, single):
        i = z3.Int(fresh_name("i"))
        place = z3.SubString(joined, i, 1)
        engine.facts.append(z3.Length(joined) == seq.length)
        engine.facts.append(
            z3.ForAll(
                [i],
                z3.Implies(z3.And(i >= 0, i < seq.length), place == text_term(seq.get(i))),
                patterns=[place],
            )
        )
    return joined


def _always(engine: Engine, condition: Term) -> bool:
    return engine.backend.decide([*engine.facts, z3.Not(condition)], 200) == "unsat"


def reversed_text(engine: Engine, text: Term, node: ast.AST) -> Term:
    """A text from its last character to its first."""
    known = as_str(text)
    if known is not None:
        return str_value(known[::-1]).term
    engine.approximate("a reversed string", node)
    result = REVERSED(text)
    engine.facts += [
        z3.Length(result) == z3.Length(text),
        REVERSED(result) == text,
        z3.Implies(z3.Length(text) <= 1, result == text),
    ]
    return result


def _replace(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 2 or not all(isinstance(a, VStr) for a in args):
        raise Unsupported("str.replace() with these arguments", node)
    engine.approximate("str.replace()", node)
    text, old, new = text_term(value), text_term(args[0]), text_term(args[1])
    result = z3.String(fresh_name("replaced"))
    size, before, after = z3.Length(result), z3.Length(old), z3.Length(new)
    engine.facts += [
        z3.Implies(z3.Not(z3.Contains(text, old)), result == text),
        z3.Implies(old == new, result == text),
        z3.Implies(before == after, size == z3.Length(text)),
        z3.Implies(before <= after, size >= z3.Length(text)),
        z3.Implies(z3.And(before >= after, before > 0), size <= z3.Length(text)),
        z3.Implies(z3.Contains(text, old), z3.Contains(result, new)),
        # Only of one character is it sure that the seams make no new occurrence.
        z3.Implies(z3.And(before == 1, z3.Not(z3.Contains(new, old))), z3.Not(z3.Contains(result, old))),
    ]
    return [(state, VStr(result))]


def _without_affix(name: str, *, prefix: bool) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) != 1 or not isinstance(args[0], VStr):
            return wrong(state, node, name)
        text, part = text_term(value), args[0].term
        rest = z3.Length(text) - z3.Length(part)
        cut = z3.SubString(text, z3.Length(part) if prefix else 0, rest)
        has = z3.PrefixOf(part, text) if prefix else z3.SuffixOf(part, text)
        return [(state, VStr(z3.If(has, cut, text)))]

    return run


# Padding and stripping.


def padding(engine: Engine, fill: Term, size: Term) -> Term:
    """A character so many times, none at all for a negative number."""
    known = as_int(size)
    if known is not None and known <= 64:
        return z3.Concat(*[fill] * known) if known > 1 else fill if known == 1 else EMPTY
    pad = z3.String(fresh_name("padding"))
    engine.facts.append(z3.Length(pad) == z3.If(size > 0, size, z3.IntVal(0)))
    engine.facts.append(z3.InRe(pad, z3.Star(z3.Re(fill))))
    return pad


def _justified(name: str) -> Method:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        width = number(args[0]) if 1 <= len(args) <= 2 else None
        fill = args[1] if len(args) > 1 else str_value(" ")
        if width is None or not isinstance(fill, VStr):
            return wrong(state, node, name)
        if len(as_str(fill.term) or "") != 1:
            raise Unsupported(f"str.{name}() with this fill", node)
        sized, results = sizes.as_size(engine, state, width, node)
        if sized is None:
            return results
        text = text_term(value)
        missing = width - z3.Length(text)
        return [*results, (sized, VStr(aligned(engine, text, missing, fill.term, name, width)))]

    return run


def aligned(engine: Engine, text: Term, missing: Term, fill: Term, how: str, width: Term) -> Term:
    """A text with so many fill characters beside it: ``ljust``, ``rjust`` or ``center``."""
    if how == "ljust":
        return z3.Concat(text, padding(engine, fill, missing))
    if how == "rjust":
        return z3.Concat(padding(engine, fill, missing), text)
    # CPython gives an odd one to the left where the width is odd.
    odd = z3.If(z3.And(missing % 2 == 1, width % 2 == 1), z3.IntVal(1), z3.IntVal(0))
    left = z3.If(missing > 0, missing / 2 + odd, z3.IntVal(0))
    right = z3.If(missing > 0, missing - left, z3.IntVal(0))
    return z3.Concat(
        padding(engine, fill, z3.simplify(left)), text, padding(engine, fill, z3.simplify(right))
    )


def _zfill(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    width = number(args[0]) if len(args) == 1 else None
    if width is None:
        return wrong(state, node, "zfill")
    sized, results = sizes.as_size(engine, state, width, node)
    if sized is None:
        return results
    text = text_term(value)
    zeros = padding(engine, z3.StringVal("0"), width - z3.Length(text))
    first, rest = z3.SubString(text, 0, 1), z3.SubString(text, 1, z3.Length(text))
    signed = z3.Or(first == z3.StringVal("+"), first == z3.StringVal("-"))
    whole = z3.If(signed, z3.Concat(first, zeros, rest), z3.Concat(zeros, text))
    return [*results, (sized, VStr(whole))]


_PLAIN: dict[str, Method] = {
    "startswith": _affix("startswith", prefix=True),
    "endswith": _affix("endswith", prefix=False),
    "find": _find("find"),
    "rfind": _find("rfind", last=True),
    "index": _find("index", strict=True),
    "rindex": _find("rindex", last=True, strict=True),
    "split": _split("split", last=False),
    "rsplit": _split("rsplit", last=True),
    "partition": _partition("partition", last=False),
    "rpartition": _partition("rpartition", last=True),
    "join": _join,
    "replace": _replace,
    "count": _count,
    "removeprefix": _without_affix("removeprefix", prefix=True),
    "removesuffix": _without_affix("removesuffix", prefix=False),
    "ljust": _justified("ljust"),
    "rjust": _justified("rjust"),
    "center": _justified("center"),
    "zfill": _zfill,
    "strip": strip("strip", left=True, right=True),
    "lstrip": strip("lstrip", left=True, right=False),
    "rstrip": strip("rstrip", left=False, right=True),
    **{n: cased(n) for n in ("upper", "lower", "title", "capitalize", "swapcase", "casefold")},
    **{
        n: class_of(n)
        for n in (
            "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal",
            "isidentifier", "isascii", "isprintable", "istitle",
        )
    },
}  # fmt: skip
METHODS: dict[tuple[str, str], Method] = {
    ("str", name): method if name == "join" else _folded(method, name) for name, method in _PLAIN.items()
}
