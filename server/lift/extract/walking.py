"""One pass over a function's body: every expression gives what it may be, every statement what it changes.

Written as one function a node type, found by the type, because this runs over every node of every file.
What it gathers is brought into shape by ``lift.extract.effects``; calls are judged in
``lift.extract.calling``. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from lift_ir import Call

from lift.extract import library
from lift.extract.aliases import NONE, Root, Roots, attribute_of, holding, part_of, union
from lift.extract.annotations import Mutability, mutability
from lift.extract.bindings import ModuleNames
from lift.extract.scope import Edge, Walk
from lift.source import LineIndex

Def = ast.FunctionDef | ast.AsyncFunctionDef
_CALL = Call.__pydantic_validator__.validate_python
_WATCHED = frozenset(["environ", "environb", "stdout", "stderr", "stdin", "argv"])


def walked(
    index: LineIndex, node: Def, names: ModuleNames, qualname: str, owner: str | None, receiver: str | None
) -> Walk:
    """Reads a function's body."""
    arguments = node.args
    kinds: dict[str, Mutability] = {}
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        kinds[argument.arg] = mutability(argument.annotation)
    # The tuple and the dictionary behind the stars are made anew for each call; only their parts are given.
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            kinds[star.arg] = Mutability.PARTS
    walk = Walk(index, names, qualname, owner, receiver, kinds)
    if receiver is not None and receiver in kinds:
        kinds[receiver] = Mutability.PARTS
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            walk.nested[statement.name] = f"{qualname}.<locals>.{statement.name}"
    for statement in node.body:
        if (
            type(statement) is ast.Assign
            and len(statement.targets) == 1
            and _rebinds(walk, statement.targets[0])
        ):
            _rebind(walk, statement)
        else:
            _STATEMENTS.get(type(statement), _children_statement)(walk, statement)
    return walk


def _rebinds(walk: Walk, target: ast.expr) -> bool:
    """Whether an assignment on the body's own level gives a parameter's name to something else.

    From there on the name does not stand for what was given, unless a closure may still see it change.
    """
    return isinstance(target, ast.Name) and target.id in walk.kinds and not walk.closures and not walk.nested


def _rebind(walk: Walk, statement: ast.Assign) -> None:
    target = statement.targets[0]
    assert isinstance(target, ast.Name)
    roots = visit(walk, statement.value)
    walk.renamed[target.id] = new = walk.new_name(target.id)
    walk.alias(new, None, roots)


def visit(walk: Walk, node: ast.expr) -> Roots:
    """Reads an expression; gives what it may be."""
    return _EXPRESSIONS.get(type(node), _other)(walk, node)


def _other(walk: Walk, node: ast.expr) -> Roots:
    """An expression of a kind that is newer than this code: it may be whatever it is made of."""
    return union([visit(walk, child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)])


def _block(walk: Walk, statements: Sequence[ast.stmt]) -> None:
    for statement in statements:
        _STATEMENTS.get(type(statement), _children_statement)(walk, statement)


def bind(walk: Walk, target: ast.expr, roots: Roots) -> None:
    """Gives a target a value that may be these."""
    if isinstance(target, ast.Name):
        name = walk.renamed.get(target.id, target.id)
        walk.own.add(name)
        walk.alias(name, None, roots)
    elif isinstance(target, ast.Tuple | ast.List):
        inside = part_of(roots)
        for element in target.elts:
            bind(walk, element, inside)
    elif isinstance(target, ast.Starred):
        bind(walk, target.value, holding(roots))
    elif isinstance(target, ast.Attribute):
        _store_attribute(walk, visit(walk, target.value), target.attr, roots)
    elif isinstance(target, ast.Subscript):
        base = visit(walk, target.value)
        visit(walk, target.slice)
        walk.change(base)
        walk.store_into(base, roots)


def _store_attribute(walk: Walk, base: Roots, attribute: str, roots: Roots) -> None:
    """Gives an attribute another value: its object changes, the value that it had does not."""
    for name, path, depth in base:
        if path is None and depth == 0:
            walk.stores.append((name, attribute))
            walk.alias(name, attribute, roots)
        elif depth <= 0:
            walk.changes.append((name, path, depth))
            walk.alias(name, path, holding(roots))


def _assign(walk: Walk, node: ast.Assign) -> None:
    first = node.targets[0]
    if isinstance(first, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(node.targets) == 1:
        values, targets = node.value.elts, first.elts
        starred = any(isinstance(part, ast.Starred) for part in (*values, *targets))
        if len(values) == len(targets) and not starred:
            for target, roots in [(t, visit(walk, v)) for t, v in zip(targets, values, strict=True)]:
                bind(walk, target, roots)
            return
    roots = visit(walk, node.value)
    for target in node.targets:
        bind(walk, target, roots)


def _annotated_assign(walk: Walk, node: ast.AnnAssign) -> None:
    if node.value is not None:
        bind(walk, node.target, visit(walk, node.value))
    elif isinstance(node.target, ast.Name):
        walk.own.add(node.target.id)


def _augmented_assign(walk: Walk, node: ast.AugAssign) -> None:
    """``x += y`` changes a list in place, and gives the name to something else otherwise."""
    roots = visit(walk, node.value)
    target = node.target
    if isinstance(target, ast.Name):
        name = walk.renamed.get(target.id, target.id)
        walk.own.add(name)
        walk.loads.add(name)
        walk.changes.append((name, None, 0))
        walk.alias(name, None, holding(roots))
    elif isinstance(target, ast.Attribute):
        # The value that stands there already may be a list that is changed in place.
        base = visit(walk, target.value)
        walk.change(attribute_of(base, target.attr))
        _store_attribute(walk, base, target.attr, holding(roots))
    else:
        base = visit(walk, target.value)
        visit(walk, target.slice)
        walk.change(base)
        walk.change(part_of(base))
        walk.store_into(base, roots)


def _delete(walk: Walk, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            walk.own.add(walk.renamed.get(target.id, target.id))
        else:
            bind(walk, target, NONE)


def _for(walk: Walk, node: ast.For | ast.AsyncFor) -> None:
    bind(walk, node.target, part_of(visit(walk, node.iter)))
    if type(node.body[0]) is ast.Assert:
        walk.loops.append(node)
    _block(walk, node.body)
    _block(walk, node.orelse)


def _while(walk: Walk, node: ast.While | ast.If) -> None:
    visit(walk, node.test)
    if type(node) is ast.While and type(node.body[0]) is ast.Assert:
        walk.loops.append(node)
    _block(walk, node.body)
    _block(walk, node.orelse)


def _with(walk: Walk, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        roots = visit(walk, item.context_expr)
        # Entering and leaving are methods of the object.
        walk.change(roots)
        if item.optional_vars is not None:
            bind(walk, item.optional_vars, roots)
    _block(walk, node.body)


def _try(walk: Walk, node: ast.Try | ast.TryStar) -> None:
    _block(walk, node.body)
    for handler in node.handlers:
        if handler.type is not None:
            visit(walk, handler.type)
        if handler.name:
            walk.own.add(handler.name)
        _block(walk, handler.body)
    _block(walk, node.orelse)
    _block(walk, node.finalbody)


def _match(walk: Walk, node: ast.Match) -> None:
    roots = visit(walk, node.subject)
    captured = union([roots, part_of(roots)])
    for case in node.cases:
        for part in ast.walk(case.pattern):
            name: str | None = getattr(part, "name", None) or getattr(part, "rest", None)
            if name is not None:
                walk.own.add(name)
                walk.alias(name, None, captured)
            elif isinstance(part, ast.MatchValue):
                visit(walk, part.value)
        if case.guard is not None:
            visit(walk, case.guard)
        _block(walk, case.body)


def _value_statement(walk: Walk, node: ast.Expr | ast.Return) -> None:
    if node.value is not None:
        visit(walk, node.value)


def _children_statement(walk: Walk, node: ast.stmt) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            visit(walk, child)


def _declared(walk: Walk, node: ast.Global | ast.Nonlocal) -> None:
    walk.outer.update(node.names)


def _imports(walk: Walk, node: ast.Import | ast.ImportFrom) -> None:
    module = "" if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        target = alias.name if alias.asname or module else name
        walk.own.add(name)
        walk.imported[name] = f"{module}.{target}" if module else target


def _nested_function(walk: Walk, node: Def) -> None:
    """A nested function's body counts as run where it is defined, since nobody knows when it is."""
    for expression in (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)):
        visit(walk, expression)
    walk.closures = walk.defines = True
    walk.own.add(node.name)
    qualname = f"{walk.qualname}.<locals>.{node.name}"
    walk.nested[node.name] = qualname
    inner = walked(walk.index, node, walk.names, qualname, None, None)
    _inline(walk, inner)


def _inline(walk: Walk, inner: Walk) -> None:
    """Adds what a nested function does to what the function around it does."""
    hidden = (inner.own | inner.kinds.keys()) - inner.outer
    new = {name: walk.new_name(name) for name in hidden}

    def seen(roots: Sequence[Root]) -> list[Root]:
        return [(new.get(n, walk.renamed.get(n, n)), a, d) for n, a, d in roots]

    for (name, attribute), roots in inner.aliases.items():
        walk.alias(new.get(name, walk.renamed.get(name, name)), attribute, tuple(seen(roots)))
    walk.changes.extend(seen(inner.changes))
    walk.stores.extend((new.get(n, walk.renamed.get(n, n)), a) for n, a in inner.stores)
    walk.loads.update(inner.loads - hidden)
    walk.own.update(inner.outer & inner.own)
    walk.outer.update(name for name in inner.outer if name not in walk.own and name not in walk.kinds)
    walk.effects |= inner.effects
    walk.opaque.update(inner.opaque)
    for edge in inner.edges:
        positional = tuple(tuple(seen(roots)) for roots in edge.positional)
        keywords = tuple((name, tuple(seen(roots))) for name, roots in edge.keywords)
        walk.edges.append(Edge(edge.callee, edge.text, edge.receiver, positional, keywords))


def _nested_class(walk: Walk, node: ast.ClassDef) -> None:
    for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
        visit(walk, expression)
    walk.own.add(node.name)
    walk.defines = True
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            walk.closures = True
            _inline(
                walk,
                walked(
                    walk.index, statement, walk.names, f"{walk.qualname}.<locals>.{node.name}", None, None
                ),
            )
        else:
            _STATEMENTS.get(type(statement), _children_statement)(walk, statement)


def _nothing(walk: Walk, node: ast.AST) -> Roots:
    return NONE


def _name(walk: Walk, node: ast.Name) -> Roots:
    name = node.id
    if walk.renamed:
        name = walk.renamed.get(name, name)
    walk.loads.add(name)
    return ((name, None, 0),)


def _attribute(walk: Walk, node: ast.Attribute) -> Roots:
    base = visit(walk, node.value)
    if node.attr in _WATCHED and isinstance(node.value, ast.Name):
        _watched(walk, node.value.id, node.attr)
    return attribute_of(base, node.attr)


def _watched(walk: Walk, root: str, attribute: str) -> None:
    target = walk.import_target(root)
    if target is not None:
        effect = library.effect_of(f"{target}.{attribute}")
        if effect is not None and target in {"os", "sys"}:
            walk.effects.add(effect)


def _subscript(walk: Walk, node: ast.Subscript) -> Roots:
    base = visit(walk, node.value)
    visit(walk, node.slice)
    return holding(base) if isinstance(node.slice, ast.Slice) else part_of(base)


def _slice(walk: Walk, node: ast.Slice) -> Roots:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            visit(walk, part)
    return NONE


def _binary(walk: Walk, node: ast.BinOp) -> Roots:
    left, right = visit(walk, node.left), visit(walk, node.right)
    return holding(left + right) if left or right else NONE


def _boolean(walk: Walk, node: ast.BoolOp) -> Roots:
    return union([visit(walk, value) for value in node.values])


def _unary(walk: Walk, node: ast.UnaryOp) -> Roots:
    visit(walk, node.operand)
    return NONE


def _compare(walk: Walk, node: ast.Compare) -> Roots:
    visit(walk, node.left)
    for other in node.comparators:
        visit(walk, other)
    return NONE


def _conditional(walk: Walk, node: ast.IfExp) -> Roots:
    visit(walk, node.test)
    return union([visit(walk, node.body), visit(walk, node.orelse)])


def _display(walk: Walk, node: ast.List | ast.Tuple | ast.Set) -> Roots:
    return holding(union([visit(walk, element) for element in node.elts])) if node.elts else NONE


def _dict(walk: Walk, node: ast.Dict) -> Roots:
    keys = [visit(walk, key) for key in node.keys if key is not None]
    return holding(union([*keys, *(visit(walk, value) for value in node.values)]))


def _starred(walk: Walk, node: ast.Starred) -> Roots:
    return part_of(visit(walk, node.value))


def _formatted(walk: Walk, node: ast.JoinedStr) -> Roots:
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            visit(walk, value.value)
            if isinstance(value.format_spec, ast.JoinedStr):
                _formatted(walk, value.format_spec)
    return NONE


def _formatted_value(walk: Walk, node: ast.FormattedValue) -> Roots:
    visit(walk, node.value)
    return NONE


def _walrus(walk: Walk, node: ast.NamedExpr) -> Roots:
    roots = visit(walk, node.value)
    bind(walk, node.target, roots)
    return roots


def _await(walk: Walk, node: ast.Await) -> Roots:
    return visit(walk, node.value)


def _yield(walk: Walk, node: ast.Yield | ast.YieldFrom) -> Roots:
    walk.generator = True
    if node.value is not None:
        visit(walk, node.value)
    return NONE


def _comprehension(walk: Walk, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Roots:
    outside = walk.renamed
    walk.renamed = dict(outside)
    for generator in node.generators:
        roots = part_of(visit(walk, generator.iter))
        for part in ast.walk(generator.target):
            if type(part) is ast.Name:
                walk.renamed[part.id] = walk.new_name(part.id)
        bind(walk, generator.target, roots)
        for condition in generator.ifs:
            visit(walk, condition)
    if isinstance(node, ast.DictComp):
        inside = union([visit(walk, node.key), visit(walk, node.value)])
    else:
        inside = visit(walk, node.elt)
    walk.renamed = outside
    return holding(inside)


def read_lambda(walk: Walk, node: ast.Lambda, given: Roots) -> Roots:
    """A lambda's body counts as run where it stands, its parameters being what it may be given."""
    walk.closures = True
    arguments = node.args
    for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d)):
        visit(walk, default)
    outside = walk.renamed
    walk.renamed = dict(outside)
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ):
        if argument is not None:
            walk.renamed[argument.arg] = new = walk.new_name(argument.arg)
            walk.alias(new, None, given)
    generator = walk.generator
    visit(walk, node.body)
    walk.generator = generator
    walk.renamed = outside
    return NONE


def _lambda(walk: Walk, node: ast.Lambda) -> Roots:
    return read_lambda(walk, node, NONE)


def _call(walk: Walk, node: ast.Call) -> Roots:
    from lift.extract.calling import read_call

    return read_call(walk, node)


def call_at(walk: Walk, callee: str, node: ast.Call) -> None:
    """Notes a call."""
    index = walk.index
    line, end_line = node.lineno, node.end_lineno or node.lineno
    column = index.column_of_byte(line, node.col_offset)
    end_column = index.column_of_byte(end_line, node.end_col_offset or 0)
    span = {"start": {"line": line, "column": column}, "end": {"line": end_line, "column": end_column}}
    walk.calls.append(_CALL({"callee": callee, "span": span}))


_STATEMENTS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated_assign,
    ast.AugAssign: _augmented_assign,
    ast.Delete: _delete,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Expr: _value_statement,
    ast.Return: _value_statement,
    ast.Raise: _children_statement,
    ast.Assert: _children_statement,
    ast.Global: _declared,
    ast.Nonlocal: _declared,
    ast.Import: _imports,
    ast.ImportFrom: _imports,
    ast.FunctionDef: _nested_function,
    ast.AsyncFunctionDef: _nested_function,
    ast.ClassDef: _nested_class,
    ast.Pass: _nothing,
    ast.Break: _nothing,
    ast.Continue: _nothing,
}
_EXPRESSIONS: dict[type[ast.AST], Callable[..., Roots]] = {
    ast.Constant: _nothing,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.Starred: _starred,
    ast.JoinedStr: _formatted,
    ast.FormattedValue: _formatted_value,
    ast.NamedExpr: _walrus,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
}
