"""An annotation as a Python expression that says whether a value is of it, for runs. Runs nothing itself."""

from __future__ import annotations

import ast

_PLAIN = {
    "int": "isinstance({v}, int)",
    "float": "isinstance({v}, (int, float))",
    "complex": "isinstance({v}, (int, float, complex))",
    "str": "isinstance({v}, str)",
    "bool": "isinstance({v}, bool)",
    "bytes": "isinstance({v}, (bytes, bytearray))",
    "None": "{v} is None",
    "list": "isinstance({v}, list)",
    "dict": "isinstance({v}, dict)",
    "set": "isinstance({v}, set)",
    "frozenset": "isinstance({v}, frozenset)",
    "tuple": "isinstance({v}, tuple)",
}
_SAME = {"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple"}
_OF_ELEMENTS = ("list", "set", "frozenset")


def judgement(annotation: ast.expr | None, value: str = "result", depth: int = 0) -> str | None:
    """The expression over ``value``; None where the annotation says nothing that a run could show."""
    match annotation:
        case None:
            return None
        case ast.Constant(value=None):
            return _PLAIN["None"].format(v=value)
        case ast.Constant(value=str(text)):
            try:
                return judgement(ast.parse(text, mode="eval").body, value, depth)
            except (SyntaxError, ValueError):
                return None
        case ast.Name(id=name) | ast.Attribute(attr=name):
            plain = _PLAIN.get(_SAME.get(name, name))
            return plain.format(v=value) if plain is not None else None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either([left, right], value, depth)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(_SAME.get(name, name), inner, value, depth)
    return None


def _either(arms: list[ast.expr], value: str, depth: int) -> str | None:
    found = [judgement(arm, value, depth) for arm in arms]
    if any(f is None for f in found):
        return None
    return "(" + " or ".join(f for f in found if f is not None) + ")"


def _generic(name: str, inner: ast.expr, value: str, depth: int) -> str | None:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    element = f"item_{depth}"
    if name == "Optional":
        return _either([inner, ast.Constant(None)], value, depth)
    if name == "Union":
        return _either(list(parts), value, depth)
    if name == "Literal":
        values = ", ".join(f"(type({ast.unparse(p)}), {ast.unparse(p)})" for p in parts)
        return f"(type({value}), {value}) in [{values}]"
    if name not in _PLAIN:
        return None
    whole = _PLAIN[name].format(v=value)
    if name in _OF_ELEMENTS and len(parts) == 1:
        each = judgement(parts[0], element, depth + 1)
        return whole if each is None else f"({whole} and all({each} for {element} in {value}))"
    if name == "dict" and len(parts) == 2:
        key, held = judgement(parts[0], f"key_{depth}", depth + 1), judgement(parts[1], element, depth + 1)
        each = " and ".join(p for p in (key, held) if p is not None)
        loop = f"for key_{depth}, {element} in {value}.items()"
        return f"({whole} and all({each} {loop}))" if each else whole
    if name == "tuple":
        return _tuple(parts, whole, value, element, depth)
    return whole


def _tuple(parts: list[ast.expr], whole: str, value: str, element: str, depth: int) -> str:
    if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
        each = judgement(parts[0], element, depth + 1)
        return whole if each is None else f"({whole} and all({each} for {element} in {value}))"
    if parts and not (isinstance(parts[0], ast.Tuple)):
        places = [judgement(p, f"{value}[{n}]", depth + 1) for n, p in enumerate(parts)]
        shown = [p for p in places if p is not None]
        return "(" + " and ".join([whole, f"len({value}) == {len(parts)}", *shown]) + ")"
    return whole
