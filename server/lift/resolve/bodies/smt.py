"""Expressions over integers, truth values and texts in SMT-LIB, with exactly the meaning that Python gives.

An expression has a value and a condition under which it has one: ``a // b`` has none where ``b`` is 0. What
cannot be said exactly raises ``Untranslatable``. Must not import a solver: this is text only.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from lift.resolve.bodies.sorts import (
    Sym,
    Untranslatable,
    as_int,
    as_text,
    as_truth,
    chosen,
    compared,
    conj,
    constant_of,
    disj,
    equal,
    folded,
    implied,
    joined,
    literal,
    neg,
    number,
)

_MOST_UNROLLED = 40
_MOST_POWER = 4

Pair = tuple[Sym, str]
"""A value, and when there is one."""


class Translator:
    """Translates expressions over given names.

    Args:
        names: What each name stands for.
        constants: Constants of the module, by name.
    """

    def __init__(self, names: Mapping[str, Sym], constants: Mapping[str, object]) -> None:
        self.names = dict(names)
        self.constants = constants

    def holds(self, node: ast.expr) -> str:
        """That an expression has a value, and that this is true."""
        text, defined = self.truth(node)
        return conj(defined, text)

    def truth(self, node: ast.expr) -> tuple[str, str]:
        """Whether an expression is true as a condition, and when it has a value."""
        match node:
            case ast.BoolOp(op=op, values=values):
                return self._junction([self.truth(v) for v in values], both=isinstance(op, ast.And))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                text, defined = self.truth(operand)
                return neg(text), defined
            case ast.Call(func=ast.Name(id="implies"), args=[p, q]):
                (left, a), (right, b) = self.truth(p), self.truth(q)
                # Both are evaluated before the call, but as a clause it is read with a short circuit.
                return implied(left, right), conj(a, implied(left, b))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                (c, d), (t, dt), (e, de) = self.truth(test), self.truth(body), self.truth(orelse)
                return disj(conj(c, t), conj(neg(c), e)), conj(d, implied(c, dt), disj(c, de))
        value, defined = self.value(node)
        return as_truth(value), defined

    def _junction(self, parts: Sequence[tuple[str, str]], *, both: bool) -> tuple[str, str]:
        text, defined = parts[-1]
        for one, its in reversed(parts[:-1]):
            defined = conj(its, implied(one, defined) if both else disj(one, defined))
            text = conj(one, text) if both else disj(one, text)
        return text, defined

    def value(self, node: ast.expr) -> Pair:
        """The value of an expression, and when it has one.

        Raises:
            Untranslatable: It cannot be said exactly.
        """
        match node:
            case ast.Constant(value=value):
                return literal(value), "true"
            case ast.Name(id=name) if name in self.names:
                return self.names[name], "true"
            case ast.Name(id=name) if name in self.constants:
                return literal(self.constants[name]), "true"
            case ast.Tuple(elts=elts) if not any(isinstance(e, ast.Starred) for e in elts):
                parts = [self.value(e) for e in elts]
                return Sym("Tuple", items=tuple(p for p, _ in parts)), conj(*(d for _, d in parts))
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(op, operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, left, right)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp(op=op, values=values):
                return self._choice(op, values)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                (c, d), (t, dt), (e, de) = self.truth(test), self.value(body), self.value(orelse)
                return chosen(c, t, e), conj(d, implied(c, dt), disj(c, de))
            case ast.Subscript(value=value, slice=place):
                return self._subscript(value, place)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name not in self.names:
                return self._call(name, args, node)
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=[]):
                return self._method(value, attr, args)
            case ast.JoinedStr(values=values):
                parts = [self._formatted(v) for v in values]
                return joined([p for p, _ in parts]), conj(*(d for _, d in parts))
        raise Untranslatable(type(node).__name__)

    def integer(self, node: ast.expr) -> tuple[str, str]:
        """An expression's value as an integer."""
        value, defined = self.value(node)
        return as_int(value), defined

    def string(self, node: ast.expr) -> tuple[str, str]:
        """An expression's value as a text."""
        value, defined = self.value(node)
        if value.sort != "String":
            raise Untranslatable(f"{value.sort} for a text")
        return value.text, defined

    def _unary(self, op: ast.unaryop, operand: ast.expr) -> Pair:
        if isinstance(op, ast.Not):
            text, defined = self.truth(operand)
            return Sym("Bool", neg(text)), defined
        text, defined = self.integer(operand)
        if isinstance(op, ast.USub):
            return Sym("Int", number(-int(text)) if text.isdigit() else f"(- {text})"), defined
        if isinstance(op, ast.UAdd):
            return Sym("Int", text), defined
        return Sym("Int", f"(- (- {text}) 1)"), defined

    def _binary(self, op: ast.operator, left: ast.expr, right: ast.expr) -> Pair:
        (a, da), (b, db) = self.value(left), self.value(right)
        defined = conj(da, db)
        if isinstance(op, ast.Add) and a.sort == b.sort == "String":
            return Sym("String", f"(str.++ {a.text} {b.text})"), defined
        if isinstance(op, ast.Add) and a.sort == b.sort == "Tuple":
            return Sym("Tuple", items=a.items + b.items), defined
        if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor) and a.sort == b.sort == "Bool":
            word = {"BitAnd": "and", "BitOr": "or", "BitXor": "xor"}[type(op).__name__]
            return Sym("Bool", f"({word} {a.text} {b.text})"), defined
        if isinstance(op, ast.Mult) and "String" in (a.sort, b.sort):
            return self._repeated(a, b, left, right), defined
        x, y = as_int(a), as_int(b)
        match op:
            case ast.Add() | ast.Sub() | ast.Mult():
                sign = {"Add": "+", "Sub": "-", "Mult": "*"}[type(op).__name__]
                return Sym("Int", f"({sign} {x} {y})"), defined
            case ast.FloorDiv() | ast.Mod():
                name = "div" if isinstance(op, ast.FloorDiv) else "mod"
                if y == "0":
                    return Sym("Int", "0"), "false"
                if y.isdigit():
                    return Sym("Int", f"({name} {x} {y})"), defined
                return Sym("Int", f"(py.{name} {x} {y})"), conj(defined, f"(not (= {y} 0))")
            case ast.Pow() if y.isdigit() and int(y) <= _MOST_POWER:
                return Sym(
                    "Int", f"(* {' '.join([x] * int(y))})" if int(y) > 1 else x if y == "1" else "1"
                ), (defined)
        raise Untranslatable(type(op).__name__)

    def _repeated(self, a: Sym, b: Sym, left: ast.expr, right: ast.expr) -> Sym:
        text, times = (a, right) if a.sort == "String" else (b, left)
        count = times.value if isinstance(times, ast.Constant) else None
        if text.sort != "String" or type(count) is not int or count > 8:
            raise Untranslatable("a text times a number")
        return joined([text] * count)

    def _compare(self, node: ast.Compare) -> Pair:
        parts: list[tuple[str, str]] = []
        left, its = self.value(node.left)
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                text, defined = self._contained(left, right)
                text = neg(text) if isinstance(op, ast.NotIn) else text
                if len(node.ops) > 1:
                    raise Untranslatable("a chain of comparisons with `in`")
                return Sym("Bool", text), conj(its, defined)
            value, defined = self.value(right)
            parts.append((compared(op, left, value), conj(its, defined)))
            left, its = value, "true"
        text, defined = self._junction(parts, both=True)
        return Sym("Bool", text), defined

    def _elements(self, node: ast.expr) -> list[Pair] | None:
        """The elements of a container that is written out."""
        match node:
            case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
                if not any(isinstance(e, ast.Starred) for e in elts):
                    return [self.value(e) for e in elts]
            case ast.Dict(keys=keys) if None not in keys:
                return [self.value(k) for k in keys if k is not None]
            case ast.Name(id=name) if name not in self.names:
                table = self.constants.get(name)
                if isinstance(table, tuple | list | set | frozenset | dict):
                    return [(literal(v), "true") for v in table]
            case ast.Constant(value=tuple() | frozenset() as table):
                return [(literal(v), "true") for v in table]
            case ast.Call(func=ast.Name(id="range"), args=args) if "range" not in self.names:
                numbers = [constant_of(a) for a in args]
                if numbers and None not in numbers and 0 not in numbers[2:]:
                    found = range(*[n for n in numbers if n is not None])
                    if len(found) <= _MOST_UNROLLED:
                        return [(literal(n), "true") for n in found]
        return None

    def _contained(self, value: Sym, container: ast.expr) -> tuple[str, str]:
        elements = self._elements(container)
        if elements is not None:
            texts = [equal(value, e) for e, _ in elements]
            return disj(*texts), conj(*(d for _, d in elements))
        match container:
            case ast.Call(func=ast.Name(id="range"), args=[_] | [_, _]) if value.sort in ("Int", "Bool"):
                args = container.args
                low, dl = self.integer(args[0]) if len(args) == 2 else ("0", "true")
                high, dh = self.integer(args[-1])
                return f"(and (<= {low} {as_int(value)}) (< {as_int(value)} {high}))", conj(dl, dh)
        inside, defined = self.value(container)
        if inside.sort == value.sort == "String":
            return f"(str.contains {inside.text} {value.text})", defined
        if inside.sort == "Tuple":
            return disj(*(equal(value, i) for i in inside.items)), defined
        raise Untranslatable("`in`")

    def _choice(self, op: ast.boolop, values: Sequence[ast.expr]) -> Pair:
        value, defined = self.value(values[-1])
        for node in reversed(values[:-1]):
            one, its = self.value(node)
            truth = as_truth(one)
            if isinstance(op, ast.And):
                value, defined = chosen(truth, value, one), conj(its, implied(truth, defined))
            else:
                value, defined = chosen(truth, one, value), conj(its, disj(truth, defined))
        return value, defined

    def _table(self, node: ast.expr) -> list[tuple[Sym, Pair]] | None:
        """The keys of a table that is written out, with their values."""
        match node:
            case ast.Dict(keys=keys, values=values) if None not in keys:
                pairs = [(self.value(k), self.value(v)) for k, v in zip(keys, values, strict=True) if k]
                # Of equal keys the last one counts.
                return [(k, v) for (k, _), v in reversed(pairs)]
            case ast.Name(id=name) if name not in self.names:
                table = self.constants.get(name)
                if isinstance(table, dict):
                    return [(literal(k), (literal(v), "true")) for k, v in table.items()]
        return None

    def _subscript(self, value: ast.expr, place: ast.expr) -> Pair:
        table = self._table(value)
        if table is not None:
            key, defined = self.value(place)
            found = table[-1][1][0] if table else literal(0)
            for its, (result, _) in reversed(table):
                found = chosen(equal(key, its), result, found)
            return found, conj(defined, disj(*(equal(key, k) for k, _ in table)), *(d for _, (_, d) in table))
        match value:
            case ast.Call(func=ast.Name(id="sorted"), args=[inner], keywords=[]):
                elements = self._elements(inner)
                if elements is not None and not isinstance(inner, ast.Set | ast.Dict):
                    return self._ranked([e for e, _ in elements], place), conj(*(d for _, d in elements))
            case ast.Call(func=ast.Name(id="divmod"), args=[a, b], keywords=[]):
                which = constant_of(place)
                if which in (0, 1):
                    return self._binary(ast.FloorDiv() if which == 0 else ast.Mod(), a, b)
        if isinstance(value, ast.List | ast.Tuple | ast.Name):
            elements = self._elements(value)
            if elements:
                return self._indexed([e for e, _ in elements], place, conj(*(d for _, d in elements)))
        inner, defined = self.value(value)
        if inner.sort == "Tuple":
            return self._indexed(list(inner.items), place, defined)
        if inner.sort != "String":
            raise Untranslatable("a subscript")
        size = f"(str.len {inner.text})"
        if isinstance(place, ast.Slice):
            if place.step is not None:
                raise Untranslatable("a slice with a step")
            low, dl = self.integer(place.lower) if place.lower else ("0", "true")
            high, dh = self.integer(place.upper) if place.upper else (size, "true")
            return Sym("String", f"(py.slice {inner.text} {low} {high})"), conj(defined, dl, dh)
        index, di = self.integer(place)
        inside = f"(and (<= (- {size}) {index}) (< {index} {size}))"
        return Sym("String", f"(py.at {inner.text} {index})"), conj(defined, di, inside)

    def _indexed(self, items: list[Sym], place: ast.expr, defined: str) -> Pair:
        if isinstance(place, ast.Slice):
            raise Untranslatable("a slice of a tuple")
        which = constant_of(place)
        if which is not None:
            if not -len(items) <= which < len(items):
                return items[0], "false"
            return items[which], defined
        index, di = self.integer(place)
        found = items[-1]
        for number_, item in reversed(list(enumerate(items[:-1]))):
            at = f"(or (= {index} {number_}) (= {index} {number(number_ - len(items))}))"
            found = chosen(at, item, found)
        inside = f"(and (<= {number(-len(items))} {index}) (< {index} {len(items)}))"
        return found, conj(defined, di, inside)

    def _ranked(self, items: list[Sym], place: ast.expr) -> Sym:
        which = constant_of(place)
        size = len(items)
        if which is None or not -size <= which < size or size > 3:
            raise Untranslatable("sorted")
        texts = [as_int(i) for i in items]
        which %= size
        if which in (0, size - 1):
            return Sym("Int", folded("py.min" if which == 0 else "py.max", texts))
        a, b, c = texts
        return Sym("Int", f"(py.max (py.min {a} {b}) (py.min (py.max {a} {b}) {c}))")

    def _call(self, name: str, args: Sequence[ast.expr], node: ast.Call) -> Pair:
        match name, args:
            case "implies", [_, _]:
                text, defined = self.truth(node)
                return Sym("Bool", text), defined
            case "old", [inner]:
                return self.value(inner)
            case "bool", [inner]:
                text, defined = self.truth(inner)
                return Sym("Bool", text), defined
            case "int", [inner]:
                text, defined = self.integer(inner)
                return Sym("Int", text), defined
            case "abs", [inner]:
                text, defined = self.integer(inner)
                return Sym("Int", f"(py.abs {text})"), defined
            case "str", [inner]:
                value, defined = self.value(inner)
                return as_text(value), defined
            case "len", [inner]:
                value, defined = self.value(inner)
                if value.sort == "Tuple":
                    return Sym("Int", str(len(value.items))), defined
                if value.sort == "String":
                    return Sym("Int", f"(str.len {value.text})"), defined
            case "ord", [inner]:
                text, defined = self.string(inner)
                return Sym("Int", f"(str.to_code {text})"), conj(defined, f"(= (str.len {text}) 1)")
            case "isinstance", [inner, ast.Name(id="int" | "str" | "bool" as kind)]:
                value, defined = self.value(inner)
                if value.sort == "Int" and kind == "bool":
                    raise Untranslatable("whether an integer is a truth value")
                fits = {"int": ("Int", "Bool"), "str": ("String",), "bool": ("Bool",)}[kind]
                return Sym("Bool", "true" if value.sort in fits else "false"), defined
            case "min" | "max" | "sum", _:
                elements = self._elements(args[0]) if len(args) == 1 else None
                if elements is None and len(args) == 1:
                    inner, defined = self.value(args[0])
                    elements = [(i, defined) for i in inner.items]
                elif elements is None and name != "sum":
                    elements = [self.value(a) for a in args]
                if elements and not (len(args) == 1 and isinstance(args[0], ast.Set) and name == "sum"):
                    texts = [as_int(e) for e, _ in elements]
                    text = f"(+ 0 {' '.join(texts)})" if name == "sum" else folded(f"py.{name}", texts)
                    return Sym("Int", text), conj(*(d for _, d in elements))
            case "any" | "all", [ast.GeneratorExp() | ast.ListComp() as inner]:
                parts = self._unrolled(inner)
                text, defined = self._junction(parts or [("true", "true")], both=name == "all")
                return Sym("Bool", text if parts else "true" if name == "all" else "false"), defined
        raise Untranslatable(f"{name}()")

    def _unrolled(self, node: ast.GeneratorExp | ast.ListComp) -> list[tuple[str, str]]:
        if len(node.generators) != 1 or not isinstance(node.generators[0].target, ast.Name):
            raise Untranslatable("a comprehension")
        generator, name = node.generators[0], node.generators[0].target.id
        elements = self._elements(generator.iter)
        if elements is None or isinstance(generator.iter, ast.Set):
            raise Untranslatable("a comprehension over what is not written out")
        found: list[tuple[str, str]] = []
        for element, defined in elements:
            inner = Translator({**self.names, name: element}, self.constants)
            body = inner.truth(node.elt)
            for condition in reversed(generator.ifs):
                text, its = inner.truth(condition)
                body = self._junction([(text, its), body], both=True)
            if generator.ifs:
                raise Untranslatable("a comprehension with a condition")
            found.append((body[0], conj(defined, body[1])))
        return found

    def _method(self, value: ast.expr, attr: str, args: Sequence[ast.expr]) -> Pair:
        if attr == "get" and 1 <= len(args) <= 2 and (table := self._table(value)) is not None:
            if len(args) == 1:
                raise Untranslatable("None")
            (key, dk), (found, dd) = self.value(args[0]), self.value(args[1])
            for its, (result, _) in reversed(table):
                found = chosen(equal(key, its), result, found)
            return found, conj(dk, dd, *(d for _, (_, d) in table))
        text, defined = self.string(value)
        given = [self.string(a) for a in args]
        defined = conj(defined, *(d for _, d in given))
        match attr, [g for g, _ in given]:
            case "startswith", [part]:
                return Sym("Bool", f"(str.prefixof {part} {text})"), defined
            case "endswith", [part]:
                return Sym("Bool", f"(str.suffixof {part} {text})"), defined
            case "find", [part]:
                return Sym("Int", f"(str.indexof {text} {part} 0)"), defined
            case "replace", [old, new] if old != '""' and isinstance(args[0], ast.Constant):
                return Sym("String", f"(str.replace_all {text} {old} {new})"), defined
        raise Untranslatable(f".{attr}()")

    def _formatted(self, node: ast.expr) -> Pair:
        match node:
            case ast.Constant(value=str(text)):
                return literal(text), "true"
            case ast.FormattedValue(value=value, conversion=-1 | 115, format_spec=None):
                found, defined = self.value(value)
                return as_text(found), defined
        raise Untranslatable("a format")
