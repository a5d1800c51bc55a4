"""Requires, taken apart into what a strategy can say of each argument and what has to be assumed.

The arguments are drawn one after the other: containers and objects before numbers, and what another one's
bound speaks of before that one. Must not run anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lift.resolve.testgen.expressions import conjuncts, in_order, is_safe, names_in, renamed, source
from lift.resolve.testgen.hints import NO_HINTS, Hints
from lift.resolve.testgen.linear import Linear, constraints, eliminated, is_number, linear, read
from lift.resolve.testgen.strategies import (
    CONTAINERS,
    Known,
    OfClass,
    Unwritable,
    is_ordered,
    strategy,
)
from lift.verify.input_types import Kind, Types

_SWAPPED = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


class Impossible(Exception):
    """No arguments meet Requires."""


@dataclass(frozen=True)
class Draw:
    """One argument.

    Attributes:
        name: What it is called.
        strategy: The text of what it is drawn from, which may speak of what was drawn before.
        assumed: What is assumed once it is drawn.
    """

    name: str
    strategy: str
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How the arguments of a call are drawn, in this order."""

    draws: tuple[Draw, ...]

    @property
    def assumed(self) -> tuple[str, ...]:
        """All that no strategy could say."""
        return tuple(text for draw in self.draws for text in draw.assumed)

    @property
    def independent(self) -> bool:
        """Whether each is drawn without a look at another one."""
        names = {draw.name for draw in self.draws}
        return not self.assumed and not any(
            (names - {d.name}) & set(names_in(d.strategy)) for d in self.draws
        )


def plan(
    variables: Mapping[str, Kind],
    predicates: Iterable[ast.expr],
    types: Types,
    of_class: OfClass,
    *,
    facts: Iterable[ast.expr] = (),
    constants: Iterable[str] = (),
    hints: Hints = NO_HINTS,
) -> Plan:
    """How to draw arguments that meet all of some predicates.

    Args:
        facts: Predicates that hold of objects by themselves, such as invariants of their classes.
        constants: Names of integers that are there before anything is drawn.
        hints: What the function is like that it is for.

    Raises:
        Unwritable: There is no strategy for one of the types.
        Impossible: Two predicates contradict each other.
    """
    return _Planner(dict(variables), types, of_class, hints, dict.fromkeys(constants, Kind("int"))).planned(
        list(predicates), list(facts)
    )


@dataclass
class _Planner:
    """One set of variables that are drawn together.

    Attributes:
        outer: Variables that are drawn already.
        forms: Linear constraints, each with the text of the predicate that it came from.
        rest: Predicates that no strategy says, as text.
        after: Variables that have to be drawn before one.
    """

    variables: dict[str, Kind]
    types: Types
    of_class: OfClass
    hints: Hints
    outer: dict[str, Kind]
    forms: list[tuple[Linear, str | None]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    after: dict[str, set[str]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    elements: dict[tuple[str, str], list[tuple[str, ast.expr, str]]] = field(default_factory=dict)

    def planned(self, predicates: list[ast.expr], facts: list[ast.expr]) -> Plan:
        self.known = {name: Known() for name in self.variables}
        self.after = {name: set() for name in self.variables}
        flat = [one for p in predicates for one in conjuncts(p)]
        for one in flat:
            self._presence(one)
        for one in flat:
            if not self._absorbed(one):
                self.rest.append(source(one))
        implied = [f for one in facts for part in conjuncts(one) for f in self._linear(part) or ()]
        order = self._order()
        self._parts(order)
        assumed = self._eliminated(order, implied)
        return self._drawn(order, assumed)

    # Reading predicates.

    def _kind(self, name: str) -> Kind | None:
        return self.variables.get(name) or self.outer.get(name)

    def _presence(self, node: ast.expr) -> None:
        """``x is not None`` and ``isinstance`` leave one arm of a union."""
        match node:
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]
            ):
                kind = self.variables.get(name)
                if kind is not None and kind.name == "union":
                    arms = tuple(k for k in kind.args if k.name != "none")
                    self.known[name].present = True
                    self.variables[name] = arms[0] if len(arms) == 1 else replace(kind, args=arms)

    def _absorbed(self, node: ast.expr) -> bool:
        """Whether what a predicate says goes into a strategy."""
        match node:
            case ast.Constant(value=True):
                return True
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]
            ):
                kind = self._kind(name)
                return kind is not None and kind.name != "none" and not _may_be_none(kind)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self._compared(node, left, operator, right)
            case ast.Name(id=name) if name in self.variables:
                return self._truth(name, True)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)) if name in self.variables:
                return self._truth(name, False)
            case ast.UnaryOp(
                op=ast.Not(), operand=ast.Call(func=ast.Attribute(attr="isnan"), args=[ast.Name(id=name)])
            ):
                return self._is_float(name) and not self.known[name].finite and self._no_nan(name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="math"), attr="isfinite"), args=[ast.Name(id=name)]
            ):
                if self._is_float(name):
                    self.known[name].finite = True
                    return True
            case ast.Call(
                func=ast.Name(id="all"), args=[ast.GeneratorExp() | ast.ListComp() as each], keywords=[]
            ):
                return self._each(node, each)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[], keywords=[]):
                return self._text_method(name, method)
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), ast.Name(id=of)]):
                kind = self.variables.get(name)
                return kind is not None and kind.name == of
        return False

    def _is_float(self, name: str) -> bool:
        kind = self.variables.get(name)
        return kind is not None and kind.name == "float"

    def _no_nan(self, name: str) -> bool:
        # A bound leaves it out; without one nothing short of `finite` is known here.
        return self.known[name].low is not None or self.known[name].high is not None

    def _truth(self, name: str, value: bool) -> bool:
        kind = self.variables[name]
        if kind.name == "bool":
            self.known[name].equal = str(value)
            return True
        if kind.name in CONTAINERS - {"iterator"}:
            size = Linear(((f"len({name})", 1),), -1) if value else Linear(((f"len({name})", -1),), 0)
            self.forms.append((size, name if value else f"not {name}"))
            return True
        if kind.name == "int":
            if value:
                self.known[name].but.append(0)
            else:
                self.known[name].equal = "0"
            return True
        return False

    def _compared(self, node: ast.expr, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
        forms = self._linear(node)
        if forms is not None:
            self.forms += [(form, source(node)) for form in forms]
            return True
        match left, operator, right:
            case ast.Name(id=name), ast.In(), _ if name in self.variables:
                return self._member(name, right)
            case ast.Name(id=name), ast.NotEq(), ast.Constant(value=int(number)) if self._is_int(name):
                if not isinstance(number, bool):
                    self.known[name].but.append(number)
                    return True
            case ast.BinOp(
                left=ast.Name(id=name), op=ast.Mod(), right=ast.Constant(value=int(step))
            ), ast.Eq(), _:
                return self._step(name, step, right)
        if self._in_order(left, operator, right) or self._size_of_set(left, operator, right):
            return True
        for one, other, sign in ((left, right, type(operator)), (right, left, _SWAPPED.get(type(operator)))):
            if sign is not None and isinstance(one, ast.Name) and one.id in self.variables:
                if self._beside(one.id, sign, other):
                    return True
        return False

    def _is_int(self, name: str) -> bool:
        kind = self.variables.get(name)
        return kind is not None and kind.name == "int"

    def _linear(self, node: ast.expr) -> list[Linear] | None:
        match node:
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                one, other = read(left, self._is_atom), read(right, self._is_atom)
                if one is not None and other is not None and (one.terms or other.terms):
                    return constraints(one, operator, other)
        return None

    def _is_atom(self, node: ast.expr) -> bool:
        """Whether an expression is an integer for certain, and can be evaluated for any arguments."""
        match node:
            case ast.Name(id=name):
                kind = self._kind(name)
                return kind is not None and kind.name == "int"
            case ast.Call(func=ast.Name(id="len"), args=[inner], keywords=[]):
                kind = self._kind_of(inner)
                return kind is not None and kind.name in CONTAINERS - {"iterator"}
            case ast.Call(func=ast.Name(id="sum"), args=[inner], keywords=[]):
                kind = self._kind_of(inner)
                return kind is not None and kind.args == (Kind("int"),) and kind.name != "iterator"
            case ast.Attribute():
                kind = self._kind_of(node)
                return kind is not None and kind.name == "int"
        return False

    def _kind_of(self, node: ast.expr) -> Kind | None:
        match node:
            case ast.Name(id=name):
                return self._kind(name)
            case ast.Attribute(value=inner, attr=attribute):
                owner = self._kind_of(inner)
                if owner is not None and owner.name == "class" and self.types.form(owner.text) != "enum":
                    return dict(self.types.members(owner.text)).get(attribute)
        return None

    def _member(self, name: str, right: ast.expr) -> bool:
        kind = self.variables[name]
        match right:
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items) if items:
                if all(isinstance(i, ast.Constant | ast.UnaryOp | ast.Attribute) for i in items):
                    self.known[name].among = f"[{', '.join(map(ast.unparse, items))}]"
                    return True
            case ast.Constant(value=str(letters)) if kind.name in ("char",) and letters:
                self.known[name].among = ast.unparse(right)
                return True
            case ast.Call(
                func=ast.Name(id="range"), args=[ast.Constant(), *_] | [_] | [_, _] as given, keywords=[]
            ):
                if len(given) <= 2 and kind.name == "int":
                    start = given[0] if len(given) == 2 else ast.Constant(0)
                    pair = [
                        ast.Compare(start, [ast.LtE()], [ast.Name(name)]),
                        ast.Compare(ast.Name(name), [ast.Lt()], [given[-1]]),
                    ]
                    forms = [self._linear(one) for one in pair]
                    if all(f is not None for f in forms):
                        self.forms += [
                            (f, source(p)) for p, fs in zip(pair, forms, strict=True) for f in fs or ()
                        ]
                        return True
            case ast.Name(id=box) if box in self.variables and self.variables[box].name in CONTAINERS - {
                "iterator",
                "str",
            }:
                of = self.variables[box]
                whole = of.name in ("list", "sequence", "tuple-of", "dict", "set", "frozenset")
                if whole and of.args and of.args[0] == kind and self.known[name].among is None:
                    self.known[name].among = (
                        box if of.name in ("list", "sequence", "tuple-of") else f"sorted({box}, key=repr)"
                    )
                    self.after[name].add(box)
                    self.forms.append((Linear(((f"len({box})", 1),), -1), f"{name} in {box}"))
                    return True
        return False

    def _step(self, name: str, step: int, right: ast.expr) -> bool:
        form = read(right, lambda _: False)
        if not self._is_int(name) or form is None or step < 1 or self.known[name].step is not None:
            return False
        if not 0 <= form.constant < step:
            raise Impossible(f"no remainder of a division by {step} is {form.constant}")
        self.known[name].step = (step, form.constant)
        return True

    def _in_order(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
        """``xs == sorted(xs)``."""
        for one, other in ((left, right), (right, left)):
            match one, operator, other:
                case ast.Call(func=ast.Name(id="sorted"), args=[ast.Name(id=name)], keywords=[]), ast.Eq(), _:
                    same = source(other) in (name, f"list({name})")
                    kind = self.variables.get(name)
                    if same and kind is not None and is_ordered(kind):
                        self.known[name].sorted = True
                        return True
        return False

    def _size_of_set(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
        """``len(set(xs)) == len(xs)``."""
        texts = {source(left), source(right)}
        for name, kind in self.variables.items():
            if (
                isinstance(operator, ast.Eq)
                and texts == {f"len(set({name}))", f"len({name})"}
                and is_ordered(kind)
            ):
                self.known[name].distinct = True
                return True
        return False

    def _beside(self, name: str, sign: type[ast.cmpop], other: ast.expr) -> bool:
        """A comparison of a variable itself with something that is drawn before it, or constant."""
        kind, known = self.variables[name], self.known[name]
        spoken = names_in(source(other))
        if name in spoken or not is_safe(other):
            return False
        mine = [n for n in spoken if n in self.variables]
        if kind.name == "float" and sign in (ast.Lt, ast.LtE, ast.Gt, ast.GtE):
            of = {self._kind_of(other)} if not isinstance(other, ast.Constant | ast.UnaryOp) else set()
            if mine and of - {Kind("float"), Kind("int")}:
                return False
            low = sign in (ast.Gt, ast.GtE)
            if (known.low if low else known.high) is not None or (mine and (known.low or known.high)):
                return False
            self.after[name] |= set(mine)
            bound = (source(other), sign in (ast.Lt, ast.Gt))
            known.low, known.high = (bound, known.high) if low else (known.low, bound)
            return True
        if sign is ast.Eq and known.equal is None and kind.name not in CONTAINERS - {"str", "bytes"}:
            if isinstance(other, ast.Constant | ast.Attribute) or (mine and isinstance(other, ast.Name)):
                known.equal = source(other)
                self.after[name] |= set(mine)
                return True
        if (
            sign is ast.NotEq
            and kind.name in CONTAINERS - {"iterator"}
            and source(other) in ("''", "[]", "{}", "()", "set()")
        ):
            return self._truth(name, True)
        return False

    def _text_method(self, name: str, method: str) -> bool:
        kind, known = self.variables.get(name), self.known.get(name)
        alphabet = {
            "isdecimal": 'st.characters(categories=["Nd"])',
            # Superscripts are digits too, which is where code that takes them for numbers goes wrong.
            "isdigit": 'st.characters(categories=["Nd", "No"]).filter(str.isdigit)',
            "isnumeric": 'st.characters(categories=["N"]).filter(str.isnumeric)',
            "isalpha": 'st.characters(categories=["L"])',
            "isalnum": 'st.characters(categories=["L", "N"]).filter(str.isalnum)',
            "isascii": 'st.characters(codec="ascii")',
        }.get(method)
        if (
            kind is None
            or known is None
            or kind.name != "str"
            or alphabet is None
            or known.alphabet is not None
        ):
            return False
        known.alphabet = alphabet
        if method != "isascii":
            self.forms.append((Linear(((f"len({name})", 1),), -1), f"{name}.{method}()"))
        return True

    # Elements.

    def _each(self, node: ast.expr, each: ast.GeneratorExp | ast.ListComp) -> bool:
        if len(each.generators) != 1 or each.generators[0].ifs or each.generators[0].is_async:
            return False
        generator = each.generators[0]
        if self._pairs_in_order(generator, each.elt):
            return True
        match generator.iter, generator.target:
            case ast.Name(id=box), ast.Name(id=target):
                part = "key" if self.variables.get(box, Kind("")).name == "dict" else "element"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=box), attr="values" | "keys" as way), args=[]
            ), ast.Name(id=target):
                part = way.removesuffix("s")
            case ast.Call(func=ast.Attribute(value=ast.Name(id=box), attr="items"), args=[]), ast.Tuple(
                elts=[ast.Name(id=key), ast.Name(id=value)]
            ):
                used = {key, value} & set(names_in(source(each.elt)))
                if len(used) != 1:
                    return False
                target = used.pop()
                part = "key" if target == key else "value"
            case _:
                return False
        kind = self.variables.get(box)
        if kind is None or kind.name not in CONTAINERS - {"bytes", "iterator"} or target in self.variables:
            return False
        self.elements.setdefault((box, part), []).append((target, each.elt, source(node)))
        self.after[box] |= {n for n in names_in(source(each.elt)) if n in self.variables}
        return box not in self.after[box]

    def _pairs_in_order(self, generator: ast.comprehension, test: ast.expr) -> bool:
        for name, kind in self.variables.items():
            strict = in_order(name, generator, test) if is_ordered(kind) else None
            if strict is not None:
                self.known[name].sorted = True
                self.known[name].distinct |= strict
                return True
        return False

    def _parts(self, order: Sequence[str]) -> None:
        """What is known of the elements of containers."""
        for (box, part), given in self.elements.items():
            kind = self.variables[box]
            element = Kind("char") if kind.name == "str" else kind.args[1 if part == "value" else 0]
            earlier = {n: k for n, k in self.variables.items() if n in order[: order.index(box)]}
            name = given[0][0]
            tests = [renamed(test, target, name) for target, test, _ in given]
            inner = _Planner(
                {name: element}, self.types, self.of_class, self.hints, {**self.outer, **earlier}
            )
            try:
                found = inner.planned(tests, [])
            except Unwritable:
                found = None
            if found is None or found.assumed:
                self.rest += [text for _, _, text in given]
                continue
            text = found.draws[0].strategy
            self.known[box].parts[part] = (
                text.removeprefix("st.sampled_from(").removesuffix(")") if element.name == "char" else text
            )

    # Putting it together.

    def _order(self) -> list[str]:
        """The variables as they are drawn."""
        names = list(self.variables)
        left, order = list(names), []
        while left:
            free = [n for n in left if not (self.after[n] - set(order) - {n})]
            if not free:
                # They wait for each other: the first gives up what it would have to know.
                self._give_up(left[0])
                continue
            free.sort(key=lambda n: (self.variables[n].name in ("int", "float", "bool"), names.index(n)))
            order.append(free[0])
            left.remove(free[0])
        return order

    def _give_up(self, name: str) -> None:
        known = self.known[name]
        for (box, _), given in list(self.elements.items()):
            if box == name:
                self.rest += [text for _, _, text in given]
        self.elements = {k: v for k, v in self.elements.items() if k[0] != name}
        if known.equal is not None:
            self.rest.append(f"{name} == {known.equal}")
        if known.among is not None:
            self.rest.append(f"{name} in {known.among}")
        for bound, sign in ((known.low, ">"), (known.high, "<")):
            if bound is not None and not is_number(bound[0]):
                self.rest.append(f"{name} {sign}{'' if bound[1] else '='} {bound[0]}")
        self.known[name] = Known(present=known.present, but=known.but, step=known.step, finite=known.finite)
        self.after[name] = set()

    def _eliminated(self, order: Sequence[str], implied: Iterable[Linear]) -> list[str]:
        """Bounds for each variable, from the last to the first; what is left is to be assumed."""
        facts = set(implied)
        assumed: list[str] = []
        pending = list(self.forms)
        for position in range(len(order) - 1, -1, -1):
            name = order[position]
            known, kind = self.known[name], self.variables[name]
            own = f"len({name})" if kind.name in CONTAINERS else name
            if known.equal is not None or known.among is not None or kind.name not in CONTAINERS | {"int"}:
                continue
            earlier = {*order[:position], *self.outer}
            mine = [(f, t) for f, t in pending if self._bounds_it(f, own, earlier)]
            if not mine:
                continue
            pending = [pair for pair in pending if pair not in mine]
            forms = [f for f, _ in mine]
            if kind.name in CONTAINERS and any(f.atoms[own] < 0 for f in forms):
                forms.append(Linear(((own, 1),)))
            known.bounds, asked = eliminated(own, forms)
            if not known.bounds.exact:
                assumed += [f"{low} <= {high}" for low in known.bounds.lower for high in known.bounds.upper]
            for form in asked:
                if not form.terms:
                    if form.constant < 0:
                        raise Impossible(f"nothing is left for {name}")
                elif not _is_plain(form) and not _follows(form, facts):
                    pending.append((form, None))
        assumed += dict.fromkeys(
            t or _compared_text(f) for f, t in pending if not (t is None and _follows(f, facts))
        )
        return assumed

    def _bounds_it(self, form: Linear, own: str, earlier: set[str]) -> bool:
        if own not in form.atoms:
            return False
        others = {n for atom in form.atoms if atom != own for n in names_in(atom)}
        return {n for n in others if n in self.variables or n in self.outer} <= earlier

    def _drawn(self, order: Sequence[str], assumed: list[str]) -> Plan:
        pending = list(dict.fromkeys([*assumed, *self.rest]))
        texts: dict[str, str] = {}
        for name in order:
            try:
                texts[name] = strategy(self.variables[name], self.known[name], self.of_class, self.hints)
            except Unwritable:
                if not self._has_numbers(name):
                    raise
                # Which numbers between bounds that are not known beforehand is then assumed.
                known = self.known[name]
                pending += [f"{name} != {n}" for n in known.but]
                pending += [f"{name} % {s} == {r}" for s, r in filter(None, [known.step])]
                texts[name] = strategy(
                    self.variables[name], Known(bounds=known.bounds), self.of_class, self.hints
                )
        draws: list[Draw] = []
        for position, name in enumerate(order):
            here = {*order[: position + 1]}
            now = [t for t in pending if {n for n in names_in(t) if n in self.variables} <= here]
            pending = [t for t in pending if t not in now]
            draws.append(Draw(name, texts[name], tuple(now)))
        if pending and draws:
            draws[-1] = replace(draws[-1], assumed=(*draws[-1].assumed, *pending))
        return Plan(tuple(draws))

    def _has_numbers(self, name: str) -> bool:
        known = self.known[name]
        return self.variables[name].name == "int" and (bool(known.but) or known.step is not None)


def _is_plain(form: Linear) -> bool:
    """Whether lengths alone, which are never negative, make it true."""
    return form.constant >= 0 and all(c > 0 and a.startswith("len(") for a, c in form.terms)


def _follows(form: Linear, facts: Iterable[Linear]) -> bool:
    return any(f.terms == form.terms and f.constant <= form.constant for f in facts)


def _compared_text(form: Linear) -> str:
    """A constraint as people write it."""
    low = linear({a: -c for a, c in form.terms if c < 0}, max(0, -form.constant))
    high = linear({a: c for a, c in form.terms if c > 0}, max(0, form.constant))
    return f"{low} <= {high}"


def _may_be_none(kind: Kind) -> bool:
    return kind.name in ("none", "object") or (kind.name == "union" and any(map(_may_be_none, kind.args)))
