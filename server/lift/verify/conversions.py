"""str(), int(), bool() and isinstance(): what depends on the class of a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import z3

from lift.verify import builtin_functions, comprehensions, contracts, floats, numerals, operators
from lift.verify.operators import heap_object, number, raises, truth
from lift.verify.state import DictObject, Engine, InstanceObject, ListObject, Result, State
from lift.verify.values import (
    FALSE,
    Exc,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VClass,
    VException,
    VFloat,
    VInt,
    VMember,
    VNone,
    VRange,
    VStr,
    VTuple,
    as_int,
    fresh_name,
    int_value,
    str_value,
    term_key,
)


def to_str(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if not args:
        return [(state, str_value(""))]
    bad = builtin_functions.check_arity(len(args), 1, 1, "str", node)
    return [(state, bad or text_of(engine, state, args[0], node, exact=True))]


def text_of(engine: Engine, state: State, value: Value, node: ast.AST, *, exact: bool) -> VStr:
    """``str(value)``; any string at all where ``exact`` is False or the text is not modelled."""
    if exact:
        match value:
            case VStr():
                return value
            case VNone():
                return str_value("None")
            case VBool(term=t):
                return VStr(z3.If(t, z3.StringVal("True"), z3.StringVal("False")))
            case VInt(term=t):
                digits = z3.If(t >= 0, z3.IntToStr(t), z3.Concat(z3.StringVal("-"), z3.IntToStr(-t)))
                engine.assumptions.add("no integer of more than 4,300 digits is converted to text")
                if value.maybe_bool and as_int(t) is None:
                    is_bool = _is_bool(engine, t)
                    word = z3.If(t == 1, z3.StringVal("True"), z3.StringVal("False"))
                    return VStr(z3.If(is_bool, word, digits))
                return VStr(digits)
    if not isinstance(value, operators.PLAIN) or holds_instance(state, value):
        raise Unsupported(f"the text of a {operators.class_name(state, value)}", node)
    engine.approximate("formatting a value", node)
    return VStr(z3.String(fresh_name("text")))


def holds_instance(state: State, value: Value) -> bool:
    """Whether an instance is in a value: its class may define what its text is."""
    return any(isinstance(state.heap[a], InstanceObject) for a in contracts.reachable(state, value))


_NUMBER_FORMAT = re.compile(r"(.?[<>=^])?[-+ ]?0?\d{0,2}[,_]?d?")
_TEXT_FORMAT = re.compile(r"(.?[<>^])?\d{0,2}s?")


def formatted(engine: Engine, state: State, value: Value, part: ast.FormattedValue) -> VStr:
    """A value as an f-string shows it.

    Raises:
        Unsupported: A format that is not known to fit the value.
    """
    converts = part.conversion not in (-1, 115)
    if part.format_spec is None:
        return text_of(engine, state, value, part, exact=not converts)
    spec = as_constant(part.format_spec)
    if spec and part.conversion == -1:
        shown = numerals.padded(engine, value, spec)
        if shown is not None:
            return shown
    plain_number = isinstance(value, VInt | VBool) and part.conversion == -1
    fits = _NUMBER_FORMAT if plain_number else _TEXT_FORMAT
    texts = plain_number or isinstance(value, VStr) or part.conversion != -1
    if spec is None or not texts or not fits.fullmatch(spec):
        raise Unsupported("this format in an f-string", part)
    return text_of(engine, state, value, part, exact=False)


def as_constant(node: ast.expr) -> str | None:
    """The text of a format, None if it is computed."""
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return "".join(texts) if len(texts) == len(values) else None


def _is_bool(engine: Engine, term: Term) -> Term:
    """Whether the object behind an ``int`` is a bool; the same object always gives the same answer."""
    if comprehensions.mentions_index(term):
        raise Unsupported("the class of each element of a sequence of unknown length")
    key = term_key(term)
    if key not in engine.bools:
        engine.bools[key] = z3.Bool(fresh_name("is a bool"))
        engine.facts.append(z3.Implies(engine.bools[key], z3.Or(term == 0, term == 1)))
    return engine.bools[key]


def to_int(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if not args:
        return [(state, int_value(0))]
    term = number(args[0])
    if len(args) == 1 and isinstance(args[0], VFloat):
        return floats.to_int(engine, state, args[0], "int", node)
    if len(args) == 1 and term is not None:
        return [(state, VInt(term))]
    if len(args) == 1 and isinstance(args[0], VStr):
        return numerals.parsed(engine, state, args[0], node)
    if len(args) != 1:
        raise Unsupported("int() with a base", node)
    return [builtin_functions.type_error(state, "int", args[0], node)]


def to_bool(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    bad = builtin_functions.check_arity(len(args), 0, 1, "bool", node)
    if args and not bad:
        said = operators.instance_operators().tested(engine, state, args[0], node)
        return [(s, v if isinstance(v, Exc) else VBool(truth(s, v))) for s, v in said]
    return [(state, bad or (VBool(truth(state, args[0])) if args else FALSE))]


_CLASSES: dict[str, Callable[[State, Value], bool]] = {
    "int": lambda s, v: isinstance(v, VInt | VBool),
    "bool": lambda s, v: isinstance(v, VBool),
    "str": lambda s, v: isinstance(v, VStr),
    "list": lambda s, v: isinstance(heap_object(s, v), ListObject),
    "dict": lambda s, v: isinstance(heap_object(s, v), DictObject),
    "tuple": lambda s, v: isinstance(v, VTuple),
    "range": lambda s, v: isinstance(v, VRange),
    "object": lambda s, v: True,
    "float": lambda s, v: isinstance(v, VFloat),
    "bytes": lambda s, v: False,
    "set": lambda s, v: operators.class_name(s, v) == "set",
    "frozenset": lambda s, v: operators.class_name(s, v) == "frozenset",
    "complex": lambda s, v: False,
}


def is_instance(
    engine: Engine, state: State, args: list[Value], _: dict[str, Value], node: ast.Call
) -> list[Result]:
    if len(args) != 2:
        return [raises(state, "TypeError", node, "isinstance() takes two arguments")]
    value, wanted = args
    options = wanted.seq.items if isinstance(wanted, VTuple) and wanted.seq.items is not None else (wanted,)
    answer: Value = FALSE
    for option in options:
        one = is_a(engine, state, value, option, node)
        answer = VBool(z3.Or(answer.term, one))
    return [(state, answer)]


def is_a(engine: Engine, state: State, value: Value, wanted: Value, node: ast.AST) -> Term:
    """``isinstance(value, wanted)`` of definite values, as a formula.

    Raises:
        Unsupported: A class or an object of which that is not known.
    """
    if isinstance(value, VException):
        return _is_exception(engine, value, wanted, node)
    if isinstance(value, VMember):
        own = isinstance(wanted, VClass) and wanted.name == value.class_name
        if isinstance(wanted, VClass | VBuiltin):
            return z3.BoolVal(own or wanted == VBuiltin("object"))
    if not isinstance(value, operators.PLAIN):
        raise Unsupported(f"isinstance() of a {operators.class_name(state, value)}", node)
    if isinstance(wanted, VClass):
        obj = heap_object(state, value)
        if not isinstance(obj, InstanceObject):
            return z3.BoolVal(False)
        engine.program.class_info(wanted.name)
        return z3.BoolVal(engine.program.is_subclass(obj.class_name, wanted.name))
    if not isinstance(wanted, VBuiltin) or wanted.name not in _CLASSES:
        raise Unsupported("isinstance() with this class", node)
    if wanted.name == "bool" and isinstance(value, VInt) and value.maybe_bool and not engine.exploring:
        return _is_bool(engine, value.term)
    return z3.BoolVal(_CLASSES[wanted.name](state, value))


def _is_exception(engine: Engine, value: VException, wanted: Value, node: ast.AST) -> Term:
    parents = engine.program.exception_parents(value.type)
    if not isinstance(wanted, VClass) or parents is None:
        raise Unsupported("isinstance() of an exception", node)
    above = engine.program.exception_parents(wanted.name) or ("",)
    if above[0] not in parents and value.or_subclass:
        raise Unsupported("isinstance() of an exception that a callee declares", node)
    return z3.BoolVal(above[0] in parents)
