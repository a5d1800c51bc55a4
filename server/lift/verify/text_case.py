"""Stripping, case and the classes of characters: what depends on single characters of a string.

Facts about a text that is not known exactly must hold for every Unicode text.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import text_characters
from lift.verify.operators import number, raises
from lift.verify.state import Engine, Result, State
from lift.verify.text_values import EMPTY, Arguments, Method, text_term, wrong
from lift.verify.values import Unsupported, Value, VBool, VInt, VNone, VStr, as_str, fresh_name


def strip(name: str, *, left: bool, right: bool) -> Method:
    """``strip``, ``lstrip`` or ``rstrip``."""

    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) > 1 or (args and not isinstance(args[0], VStr | VNone)):
            return wrong(state, node, name)
        given = args[0] if args and isinstance(args[0], VStr) else None
        characters = as_str(given.term) if given is not None else None
        if given is not None and characters is None:
            raise Unsupported(f"str.{name}() of characters that are not known", node)
        if characters == "":
            return [(state, value)]
        engine.approximate(f"str.{name}()", node)
        stripped = (
            text_characters.with_property("isspace")
            if characters is None
            else text_characters.one_of(characters)
        )
        text, result = text_term(value), z3.String(fresh_name(name))
        before = z3.String(fresh_name("before")) if left else EMPTY
        after = z3.String(fresh_name("after")) if right else EMPTY
        ends = [
            *([z3.Not(z3.InRe(z3.SubString(result, 0, 1), stripped))] if left else []),
            *([z3.Not(z3.InRe(z3.SubString(result, z3.Length(result) - 1, 1), stripped))] if right else []),
        ]
        engine.facts += [
            text == z3.Concat(before, result, after),
            z3.InRe(before, z3.Star(stripped)),
            z3.InRe(after, z3.Star(stripped)),
            z3.Or(result == EMPTY, z3.And(ends)),
        ]
        return [(state, VStr(result))]

    return run


# Case and classes of characters.


def cased(name: str) -> Method:
    """A case mapping such as ``upper``."""

    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if args:
            return wrong(state, node, name)
        engine.approximate(f"str.{name}()", node)
        text, result = text_term(value), z3.String(fresh_name(name))
        code = z3.StrToCode(text)
        ascii_ = z3.Star(z3.Range("\x00", "\x7f"))
        # Case mappings may lengthen a text ("ß".upper()) and never shorten it.
        engine.facts += [
            z3.Length(result) >= z3.Length(text),
            (result == EMPTY) == (text == EMPTY),
            z3.Implies(
                z3.InRe(text, ascii_), z3.And(z3.Length(result) == z3.Length(text), z3.InRe(result, ascii_))
            ),
        ]
        upper = z3.And(code >= ord("A"), code <= ord("Z"))
        lower = z3.And(code >= ord("a"), code <= ord("z"))
        raised, lowered = z3.StrFromCode(code - 32), z3.StrFromCode(code + 32)
        mapped = {
            "upper": z3.If(lower, raised, text),
            "title": z3.If(lower, raised, text),
            "capitalize": z3.If(lower, raised, text),
            "lower": z3.If(upper, lowered, text),
            "casefold": z3.If(upper, lowered, text),
            "swapcase": z3.If(lower, raised, z3.If(upper, lowered, text)),
        }[name]
        single = z3.And(z3.Length(text) == 1, code >= 0, code < 128)
        engine.facts.append(z3.Implies(single, result == mapped))
        return [(state, VStr(result))]

    return run


def class_of(name: str) -> Method:
    """A question such as ``isdigit``."""

    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if args:
            return wrong(state, node, name)
        text = text_term(value)
        if name == "isascii":
            return [(state, VBool(z3.InRe(text, z3.Star(z3.Range("\x00", "\x7f")))))]
        if name == "isspace":
            return [(state, VBool(z3.InRe(text, z3.Plus(text_characters.with_property(name)))))]
        engine.approximate(f"str.{name}()", node)
        answer = z3.Bool(fresh_name(name))
        # Of the empty string all these are False but `isprintable`, which is True.
        engine.facts.append(z3.Implies(text == EMPTY, answer == z3.BoolVal(getattr("", name)())))
        members = [chr(c) for c in range(128) if getattr(chr(c), name)()]
        single = z3.InRe(text, text_characters.one_of("".join(members)))
        is_ascii = z3.And(z3.Length(text) == 1, z3.StrToCode(text) < 128)
        engine.facts.append(z3.Implies(is_ascii, answer == single))
        if name in ("isalpha", "isalnum", "isnumeric", "isdecimal", "isdigit"):
            engine.facts.append(
                z3.Implies(z3.InRe(text, z3.Plus(text_characters.one_of("".join(members)))), answer)
            )
        return [(state, VBool(answer))]

    return run


# Single characters.


def ordinal(
    engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``ord(c)``."""
    if len(args) != 1 or not isinstance(args[0], VStr):
        return wrong(state, node, "ord")
    text = args[0].term
    one, other = engine.split(state, z3.Length(text) == 1)
    results = wrong(other, node, "ord") if other else []
    if one:
        code = z3.Int(fresh_name("ord"))
        exact = z3.StrToCode(text)
        beyond = z3.And(code >= text_characters.EXACT, code <= 0x10FFFF)
        engine.facts.append(
            z3.Implies(z3.Length(text) == 1, z3.If(exact < text_characters.EXACT, code == exact, beyond))
        )
        results.append((one, VInt(code)))
    return results


def character(
    engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``chr(n)``."""
    code = number(args[0]) if len(args) == 1 else None
    if code is None:
        return wrong(state, node, "chr")
    fits, not_ = engine.split(state, z3.And(code >= 0, code <= 0x10FFFF))
    results = [raises(not_, "ValueError", node, "chr() arg not in range(0x110000)")] if not_ else []
    if fits:
        text = z3.String(fresh_name("chr"))
        known = code < text_characters.EXACT
        exact = z3.If(known, z3.StrToCode(text) == code, z3.StrToCode(text) >= text_characters.EXACT)
        engine.facts.append(
            z3.Implies(z3.And(code >= 0, code <= 0x10FFFF), z3.And(z3.Length(text) == 1, exact))
        )
        results.append((fits, VStr(text)))
    return results
