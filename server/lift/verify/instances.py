"""Instances of the module's classes: making them, and their attributes, methods and properties.

An attribute is looked up as CPython does for such classes: what the instance holds, then what its class and
the classes above it define. Overriding is followed, since the class of every instance is known exactly.
"""

from __future__ import annotations

import ast

from lift.verify import calls, enums, operators, sets
from lift.verify import evaluate as expressions
from lift.verify.classes import ClassInfo, is_abstract, is_property
from lift.verify.operators import arms, heap_object
from lift.verify.program import FROZEN, refuses, self_type
from lift.verify.state import Engine, InstanceObject, ListObject, Result, State, change
from lift.verify.symbols import FARTHER, concrete_dict, constant
from lift.verify.values import (
    Exc,
    Unsupported,
    Value,
    VBuiltin,
    VClass,
    VFunction,
    VMember,
    VRef,
    concrete_seq,
)

_NO_INIT = ast.parse("lambda self: None", mode="eval").body
"""``object.__init__``, which takes no arguments."""


def read(
    engine: Engine, state: State, owner: Value, obj: InstanceObject, node: ast.Attribute
) -> list[Result]:
    """``owner.attr`` of an instance."""
    name = node.attr
    expressions.check_name(name, node)
    program = engine.program
    found = program.method(obj.class_name, name)
    if found is not None and is_property(found[1]):
        program.class_info(obj.class_name)
        getter = _function(engine, state, owner, found, name, node)
        return calls.call_function(engine, state, getter, [], {}, node)
    for held, value in obj.fields:
        if held == name:
            if value is FARTHER:
                raise Unsupported(f"the attribute {name}, so many instances away from a parameter", node)
            return [(state, value)]
    info = program.class_info(obj.class_name)
    if found is not None:
        return [(state, _function(engine, state, owner, found, name, node))]
    if name in info.constants:
        _rely(engine, state, owner, obj.class_name, name)
        return [(state, constant(info.constants[name]))]
    if any(name == f for f, _ in info.fields):
        return [(state, Exc("AttributeError", node.lineno, f"{obj.class_name} has no attribute {name} yet"))]
    raise Unsupported(f"the attribute {name}, which {obj.class_name} does not declare", node)


def _rely(engine: Engine, state: State, owner: Value, class_name: str, name: str) -> None:
    if not (isinstance(owner, VRef) and owner.address in state.owned):
        engine.assumptions.add(f"no class of another file overrides {class_name}.{name}")


def _function(
    engine: Engine,
    state: State,
    owner: Value,
    found: tuple[str, ast.FunctionDef | ast.AsyncFunctionDef],
    name: str,
    node: ast.AST,
) -> VFunction:
    """A method bound to its object, or to the class, or to nothing."""
    class_name, method = found
    qualname = f"{class_name}.{name}"
    if not isinstance(method, ast.FunctionDef) or refuses(engine.program, method) is not None:
        raise Unsupported(f"the attribute {name} of {class_name}", node)
    if is_abstract(method):
        raise Unsupported(f"the abstract method {qualname}", node)
    written = {ast.unparse(d) for d in method.decorator_list}
    obj = heap_object(state, owner)
    if isinstance(obj, InstanceObject):
        _rely(engine, state, owner, obj.class_name, name)
    if "staticmethod" in written:
        return VFunction(method, qualname, None)
    if "classmethod" in written:
        bound = VClass(obj.class_name) if isinstance(obj, InstanceObject) else owner
        bound = VClass(owner.class_name) if isinstance(owner, VMember) else bound
        return VFunction(method, qualname, None, (), bound)
    if isinstance(owner, VClass):
        # Taken from the class, a method is a plain function whose first argument is the instance.
        return VFunction(method, qualname, None)
    return VFunction(method, qualname, None, (), owner)


def special(
    engine: Engine, state: State, owner: Value, obj: InstanceObject, name: str, node: ast.AST
) -> VFunction | None:
    """A special method that an instance's class defines, bound to the instance; None if it defines none."""
    engine.program.class_info(obj.class_name)
    found = engine.program.method(obj.class_name, name)
    if found is None:
        return None
    if found[1].decorator_list:
        raise Unsupported(f"the attribute {name} of {obj.class_name}", node)
    return _function(engine, state, owner, found, name, node)


def of_class(engine: Engine, state: State, owner: VClass, node: ast.Attribute) -> Value:
    """``C.attr`` of a class of the module."""
    name = node.attr
    expressions.check_name(name, node)
    info = engine.program.class_info(owner.name)
    one = enums.member(engine, owner, name)
    if one is not None:
        return one
    found = engine.program.method(owner.name, name)
    if found is not None and not is_property(found[1]):
        return _function(engine, state, owner, found, name, node)
    if found is None and name in info.constants:
        return constant(info.constants[name])
    raise Unsupported(f"the attribute {name} of the class {owner.name}", node)


def of_member(engine: Engine, state: State, owner: VMember, node: ast.Attribute) -> list[Result]:
    """``member.attr`` of an enumeration."""
    expressions.check_name(node.attr, node)
    if node.attr in ("name", "value"):
        return [(state, constant(owner.name) if node.attr == "name" else enums.value_of(engine, owner))]
    engine.program.class_info(owner.class_name)
    found = engine.program.method(owner.class_name, node.attr)
    if found is None:
        raise Unsupported(f"the attribute {node.attr} of a {owner.class_name}", node)
    method = _function(engine, state, owner, found, node.attr, node)
    if is_property(found[1]):
        return calls.call_function(engine, state, method, [], {}, node)
    return [(state, method)]


def write(
    engine: Engine, state: State, owner: VRef, obj: InstanceObject, name: str, value: Value, node: ast.AST
) -> list[tuple[State, Exc | None]]:
    """``owner.name = value`` of an instance."""
    expressions.check_name(name, node)
    program = engine.program
    info = program.class_info(obj.class_name)
    if info.frozen and info.dataclass:
        if any("slots" in ast.unparse(d) for d in info.node.decorator_list) and not any(
            name == f for f, _ in info.fields
        ):
            raise Unsupported(f"setting the attribute {name}", node)
        short = FROZEN.rpartition(".")[2]
        type_ = short if program.exception_parents(short) else FROZEN
        return [(state, Exc(type_, getattr(node, "lineno", 0), f"{obj.class_name} is frozen"))]
    found = program.method(obj.class_name, name)
    setter = program.setter(obj.class_name, name)
    if found is not None and is_property(found[1]) and setter is not None:
        class_name, definition = setter
        if not isinstance(definition, ast.FunctionDef) or len(definition.decorator_list) != 1:
            raise Unsupported(f"setting the attribute {name}", node)
        _rely(engine, state, owner, obj.class_name, name)
        function = VFunction(definition, f"{class_name}.{name}.setter", None, (), owner)
        ends = calls.call_function(engine, state, function, [value], {}, node)
        return [(s, v if isinstance(v, Exc) else None) for s, v in ends]
    declared = any(name == f for f, _ in info.fields)
    slots = any("slots" in ast.unparse(s) for s in [*info.node.decorator_list, *info.node.body[:3]])
    if found is not None or info.frozen or name in info.constants or (slots and not declared):
        raise Unsupported(f"setting the attribute {name}", node)
    path = state.fork()
    fields = {**dict(obj.fields), name: value}
    change(path, owner.address, engine.instance(obj.class_name, fields.items()), node)
    return [(path, None)]


def super_attribute(engine: Engine, state: State, node: ast.Attribute) -> list[Result] | None:
    """``super().attr`` in a method; None if the expression is something else."""
    match node.value:
        case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]) if engine.program.is_builtin("super"):
            pass
        case _:
            return None
    place = engine.frame_methods.get(state.frame)
    if place is None or place[1] not in state.locals:
        raise Unsupported("`super()` in this place", node)
    class_name, first = place
    out: list[Result] = []
    for path, receiver in arms(engine, state, state.locals[first]):
        obj = heap_object(path, receiver)
        actual = receiver.name if isinstance(receiver, VClass) else obj and getattr(obj, "class_name", None)
        if actual is None or not engine.program.is_subclass(actual, class_name):
            raise Unsupported("`super()` in this place", node)
        above = engine.program.class_info(class_name).ancestors[1:]
        found = engine.program.method(above[0], node.attr) if above else None
        if found is None and node.attr == "__init__" and isinstance(_NO_INIT, ast.Lambda):
            if above and engine.program.class_info(above[0]).dataclass:
                raise Unsupported(f"`super().__init__` of the dataclass {above[0]}", node)
            out.append((path, VFunction(_NO_INIT, None, None, (), receiver)))
        elif found is not None and not is_property(found[1]):
            out.append((path, _function(engine, path, receiver, found, node.attr, node)))
        else:
            raise Unsupported(f"`super().{node.attr}`", node)
    return out


def note_frame(engine: Engine, frame: int, qualname: str | None, node: ast.FunctionDef | ast.Lambda) -> None:
    """Remember which method a frame runs, for ``super()``."""
    args = [*node.args.posonlyargs, *node.args.args]
    owner = self_type(qualname) if qualname is not None else None
    if owner is not None and args and isinstance(node, ast.FunctionDef):
        if "staticmethod" not in {ast.unparse(d) for d in node.decorator_list}:
            engine.frame_methods[frame] = (owner.name, args[0].arg)


# Making instances.


def construct(
    engine: Engine,
    state: State,
    name: str,
    positional: list[Value],
    keyword: dict[str, Value],
    node: ast.Call,
) -> list[Result]:
    """``C(…)`` of a class of the module."""
    info = engine.program.class_info(name)
    if info.members is not None:
        return enums.lookup(engine, state, name, [*positional, *keyword.values()], node)
    if info.abstract:
        return [operators.raises(state, "TypeError", node, f"{name} is abstract")]
    path = state.fork()
    init = engine.program.method(name, "__init__")
    if info.dataclass and "__init__" not in info.methods:
        # A dataclass makes its own, even where a class above it defines one.
        return _construct_dataclass(engine, path, info, positional, keyword, node)
    initial = tuple((n, constant(v)) for n, v in info.initial.items())
    if init is not None:
        ref = engine.allocate(path, engine.instance(name, initial))
        function = _function(engine, path, ref, init, "__init__", node)
        ends = calls.call_function(engine, path, function, positional, keyword, node)
        return [(s, v if isinstance(v, Exc) else ref) for s, v in ends]
    if positional or keyword:
        return [operators.raises(state, "TypeError", node, f"{name}() takes no arguments")]
    if info.fields and {n for n, _ in info.fields} > info.initial.keys():
        raise Unsupported(f"the class {name}, whose attributes have no initial values", node)
    return [(path, engine.allocate(path, engine.instance(name, initial)))]


def _construct_dataclass(
    engine: Engine,
    state: State,
    info: ClassInfo,
    positional: list[Value],
    keyword: dict[str, Value],
    node: ast.Call,
) -> list[Result]:
    names = [n for n, _ in info.fields]
    values: dict[str, Value] = dict(zip(names, positional, strict=False))
    if len(positional) > len(names) or any(k in values or k not in names for k in keyword):
        return [operators.raises(state, "TypeError", node, f"the arguments of {info.name}() do not fit")]
    values.update(keyword)
    defaults = _defaults(engine, info)
    if any(n not in values and n not in defaults for n in names):
        return [operators.raises(state, "TypeError", node, f"an argument of {info.name}() is missing")]
    for name in names:
        if name not in values:
            state, values[name] = _default(engine, state, *defaults[name], node)
    for value in values.values():
        operators.kept(value, node)
    ref = engine.allocate(state, engine.instance(info.name, ((n, values[n]) for n in names)))
    after = engine.program.method(info.name, "__post_init__")
    if after is None:
        return [(state, ref)]
    function = _function(engine, state, ref, after, "__post_init__", node)
    ends = calls.call_function(engine, state, function, [], {}, node)
    return [(s, v if isinstance(v, Exc) else ref) for s, v in ends]


def _defaults(engine: Engine, info: ClassInfo) -> dict[str, tuple[ast.expr, str]]:
    """The expressions that give a dataclass's fields their defaults, with the classes that they stand in."""
    found: dict[str, tuple[ast.expr, str]] = {}
    for name in reversed(info.ancestors):
        for statement in engine.program.classes[name].node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=field), value=ast.expr() as value):
                    found[field] = value, name
    return found


def _default(
    engine: Engine, state: State, node: ast.expr, class_name: str, call: ast.Call
) -> tuple[State, Value]:
    if not isinstance(node, ast.Call):
        return state, calls.default_value(engine, node, class_name)
    origin = ast.unparse(node.func)
    is_field = engine.program.imports.get("field") == "dataclasses.field" and origin == "field"
    options = {k.arg: k.value for k in node.keywords}
    if not is_field and not (origin == "dataclasses.field" and "dataclasses" in engine.program.imports):
        raise Unsupported("a default that is not a constant", node)
    if "default" in options:
        return state, calls.default_value(engine, options["default"], class_name)
    factory = options.get("default_factory")
    made = ast.unparse(factory) if factory is not None else ""
    if made in ("list", "dict", "set") and engine.program.is_builtin(made):
        path = state.fork()
        empties = {"list": ListObject(concrete_seq([])), "dict": concrete_dict([], None), "set": sets.empty()}
        empty = empties[made]
        return path, engine.allocate(path, empty)
    raise Unsupported(f"the default factory {made}", call)


def replaced(engine: Engine, state: State, node: ast.Call) -> list[Result] | None:
    """``dataclasses.replace(x, …)``; None if the call is of something else."""
    match node.func:
        case ast.Name(id=name) if engine.program.imports.get(name) == "dataclasses.replace":
            root = name
        case ast.Attribute(value=ast.Name(id=name), attr="replace") if (
            engine.program.imports.get(name) == "dataclasses"
        ):
            root = name
        case _:
            return None
    if root in engine.program.rebound or expressions.is_local(engine, state, root):
        return None
    names = [k.arg for k in node.keywords if k.arg is not None]
    if len(node.args) != 1 or len(names) != len(node.keywords) or isinstance(node.args[0], ast.Starred):
        raise Unsupported("`replace` with these arguments", node)
    out: list[Result] = []
    nodes = [node.args[0], *(k.value for k in node.keywords)]
    for path, values in expressions.evaluate_all(engine, state, nodes):
        if isinstance(values, Exc):
            out.append((path, values))
            continue
        for then, one in arms(engine, path, values[0]):
            obj = heap_object(then, one)
            if not isinstance(obj, InstanceObject):
                raise Unsupported(f"`replace` of a {operators.class_name(then, one)}", node)
            info = engine.program.class_info(obj.class_name)
            declared = [n for n, _ in info.fields]
            held = dict(obj.fields)
            if not info.dataclass or held.keys() != set(declared) or "__init__" in info.methods:
                raise Unsupported(f"`replace` of a {obj.class_name}", node)
            given = {**held, **dict(zip(names, values[1:], strict=True))}
            out += construct(engine, then.fork(), obj.class_name, [], given, node)
    return out


def class_of(
    engine: Engine, state: State, args: list[Value], keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``type(x)`` of an instance, or of a value whose class is plain."""
    if len(args) != 1 or keyword:
        raise Unsupported("type() with these arguments", node)
    obj = heap_object(state, args[0])
    if isinstance(obj, InstanceObject):
        if not (isinstance(args[0], VRef) and args[0].address in state.owned):
            engine.assumptions.add(f"no class of another file derives from {obj.class_name}")
        return [(state, VClass(obj.class_name))]
    name = operators.class_name(state, args[0])
    if name not in (
        "str",
        "bool",
        "tuple",
        "list",
        "dict",
        "set",
        "frozenset",
    ) or not engine.program.is_builtin(name):
        raise Unsupported(f"type() of a {name}", node)
    return [(state, VBuiltin(name))]
