"""Sets a case up, calls the function and judges what came out; a part of the sandbox's child.

Loaded by ``sandbox.py`` without a package around it: standard library only. The reduced builtins make
ordinary code fail with a clear reason; what really confines it is ``sandbox_limits``.
"""

from __future__ import annotations

import builtins
import sys
import time
from typing import Any

from sandbox_clauses import (  # pyright: ignore[reportMissingImports]
    Denied,
    Expired,
    State,
    condition,
    describe,
    judge,
    judge_raises,
    keep,
    limit_of,
    message_of,
    scope_of,
)
from sandbox_trace import Recorder  # pyright: ignore[reportMissingImports]
from sandbox_values import MODULE, spell, spell_call  # pyright: ignore[reportMissingImports]

# Modules without effects on the world outside that matter here: what they reach for, the limits refuse.
ALLOWED = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "colorsys",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "graphlib",
        "hashlib",
        "heapq",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "keyword",
        "logging",
        "math",
        "numbers",
        "operator",
        "random",
        "re",
        "reprlib",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "time",
        "types",
        "typing",
        "unicodedata",
        "uuid",
        "warnings",
        "weakref",
        "_collections",
        "_collections_abc",
        "_heapq",
        "_operator",
        "_random",
        "_statistics",
        "_weakref",
    ]
)
# What code reads of the interpreter; the rest of ``sys`` would let it rewrite the harness.
_SYS = [
    "api_version",
    "byteorder",
    "exc_info",
    "float_info",
    "getrecursionlimit",
    "getsizeof",
    "hash_info",
    "hexversion",
    "implementation",
    "int_info",
    "intern",
    "maxsize",
    "maxunicode",
    "platform",
    "version",
    "version_info",
]
_DENIED = ("open", "input", "exec", "eval", "compile", "breakpoint")
_CONTRACTS = ("icontract", "deal")


class Broken(Exception):
    """The case could not be set up; the text is the reason."""


class Skipped(Exception):
    """The input does not meet the precondition; the text says which part."""


def _deny(name):
    def denied(*_args, **_kwargs):
        State.denied = f"{name} does not run in the sandbox"
        raise Denied(State.denied)

    denied.__name__ = name
    return denied


def _guarded_import(name, globals=None, locals=None, fromlist=(), level=0):
    top = name.partition(".")[0]
    if level == 0 and top in _CONTRACTS:
        return _contracts(name)
    if level == 0 and top == "typing_extensions":
        return _typing_extensions()
    if level == 0 and name == "sys":
        return _ReducedSys("sys")
    if level or top not in ALLOWED:
        State.denied = f"the module {'.' * level}{name} does not run in the sandbox"
        raise Denied(State.denied)
    return builtins.__import__(name, globals, locals, fromlist, level)


def _pass_through(*args, **_kwargs):
    """Stands for any contract decorator, bare or with arguments."""
    bare = len(args) == 1 and not _kwargs
    if bare and isinstance(args[0], type) and not issubclass(args[0], BaseException):
        return args[0]
    if bare and getattr(args[0], "__name__", "<lambda>") != "<lambda>" and not isinstance(args[0], type):
        return args[0]
    return lambda decorated: decorated


class _Contracts(type(sys)):
    """A contract library whose decorators leave the function alone: the clauses are judged from outside."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("Error"):
            return AssertionError
        if name in ("DBC", "DBCMeta"):
            import abc

            return abc.ABC if name == "DBC" else abc.ABCMeta
        return _pass_through


class _ReducedSys(type(sys)):
    """The part of ``sys`` that only tells about the interpreter."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in _SYS:
            State.denied = f"sys.{name} does not run in the sandbox"
            raise Denied(State.denied)
        return getattr(sys, name)


def _contracts(name):
    return _Contracts(name.partition(".")[0])


def _typing_extensions():
    import typing

    module = type(sys)("typing_extensions")
    module.__dict__.update(typing.__dict__)
    for name in ("override", "final", "runtime_checkable"):
        module.__dict__.setdefault(name, lambda decorated: decorated)
    return module


def _restricted_builtins():
    kept = {k: v for k, v in vars(builtins).items() if k not in ("__loader__", "__spec__")}
    kept.update({name: _deny(name) for name in _DENIED})
    kept["__import__"] = _guarded_import
    return kept


class Program:
    """The request, compiled."""

    def __init__(self, request):
        self.filename = request["filename"]
        self.function = request["function"]
        self.parameters = request["parameters"]
        self.checks = request["checks"]
        # Annotations stay text: the names in them need not be among the definitions that came along.
        lazy = annotations.compiler_flag
        self.code = compile(request["source"], self.filename, "exec", lazy, dont_inherit=True)
        self.modules = [
            (name, compile(text, path, "exec", lazy, dont_inherit=True))
            for name, path, text in request["modules"]
        ]
        self.links = request["links"]
        self.builtins = _restricted_builtins()
        self.compiled = {}

    def expression(self, text):
        """An expression's code, compiled once."""
        if text not in self.compiled:
            self.compiled[text] = compile(text, "<specification>", "eval", 0, dont_inherit=True)
        return self.compiled[text]

    def of_kind(self, *kinds):
        return [c for c in self.checks if c["kind"] in kinds]


def load(program):
    """The program's names, from a fresh run of its definitions: no state leaks from case to case."""
    module = type(sys)(MODULE)
    sys.modules[MODULE] = module
    names = module.__dict__
    names["__builtins__"] = dict(program.builtins)
    try:
        _load_others(program, names)
        exec(program.code, names)
    except (Expired, Denied):
        raise
    except BaseException as error:
        raise Broken(f"the definitions do not run: {describe(error)}") from None
    return names


def _load_others(program, names):
    """Run the definitions that come from other files, and give the names that stand for them their values.

    Modules may import from each other in a circle: a name that has no value yet gets it in the end.
    """
    loaded = {"": names}
    for name, _ in program.modules:
        module = type(sys)(name)
        module.__dict__["__builtins__"] = dict(program.builtins)
        # dataclasses looks a class's module up by its name.
        sys.modules.setdefault(name, module)
        loaded[name] = module.__dict__
    for name, code in reversed(program.modules):
        _link(program, loaded, name)
        exec(code, loaded[name])
    for name in loaded:
        _link(program, loaded, name)


def _link(program, loaded, here):
    for module, path, target, name in program.links:
        if module != here or name not in loaded[target]:
            continue
        holder = loaded[module]
        for part in path[:-1]:
            holder = vars(holder.setdefault(part, type(sys)(part)))
        holder[path[-1]] = loaded[target][name]


class Target:
    """The function to call.

    Attributes:
        owner: Its class, None for a function.
        fresh: Whether ``self`` is made empty here, since the function is ``__init__``.
        code: The code object of the definition itself, behind its decorators.
    """

    def __init__(self, program, names):
        self.owner, raw = _find(program, names)
        self.fresh = self.owner is not None and program.function.endswith(".__init__")
        self.skip_first = isinstance(raw, classmethod)
        self.is_property = isinstance(raw, property)
        if isinstance(raw, property):
            raw = raw.fget
        self.call: Any = raw.__get__(None, self.owner) if isinstance(raw, classmethod | staticmethod) else raw
        inner: Any = self.call
        while hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        inner = getattr(inner, "__func__", inner)
        self.code: Any = getattr(inner, "__code__", None)
        if self.code is None:
            raise Broken(f"{program.function} is not a plain function")
        positional = self.code.co_varnames[: self.code.co_argcount]
        values = inner.__defaults__ or ()
        self.defaults = dict(zip(positional[len(positional) - len(values) :], values, strict=True))
        self.defaults.update(inner.__kwdefaults__ or {})


def _find(program, names) -> Any:
    """The class that has the function, None if there is none, and the function as it stands there."""
    *path, name = program.function.split(".")
    found = names
    try:
        for part in path:
            found = found[part] if found is names else getattr(found, part)
        return (None, found[name]) if found is names else (found, found.__dict__[name])
    except (KeyError, AttributeError):
        raise Broken(f"{program.function} is not among the definitions") from None


def attempt(program, case, traced=False):
    """What happens for one case, as the JSON of a run.

    Raises:
        Broken, Skipped, Denied, Expired: There is no outcome.
    """
    names = load(program)
    target = Target(program, names)
    bound = bind(program, target, case, names)
    check_entry(program, target, names, bound)
    conditions = {c["key"]: condition(program, c, scope_of(names, bound)) for c in program.of_kind("raises")}
    olds = {c["key"]: keep(program, c, names, bound) for c in program.of_kind("ensures")}
    arguments = {name: spell(value) for name, value in bound.items()}
    setup, call = spell_call(program, target, bound, case[1])
    report = {"status": "ok", "arguments": arguments, "setup": setup, "call": call}
    began = time.perf_counter()
    recorder = Recorder(target.code) if traced == "steps" else None
    result, error, line = perform(program, target, bound, case[1], traced, recorder)
    if recorder is not None:
        report["trace"] = recorder.steps()
    report["seconds"] = time.perf_counter() - began
    if State.denied:
        raise Denied(State.denied)
    if error is not None:
        report["outcome"] = raised(program, error)
    else:
        report["outcome"] = {"kind": "returned", "value": spell(result), "line": line}
    verdicts = judge_raises(program, names, conditions, error, report)
    for check in program.of_kind("ensures", "invariant"):
        key = check["key"]
        if error is not None:
            verdicts[key] = (None, "the function raises")
        elif check["kind"] == "invariant":
            verdicts[key] = (
                judge(program, check, {**names, "self": bound["self"]}) if "self" in bound else (None, "")
            )
        else:
            after = {**scope_of(names, bound), "__return__": result, **olds[key][0]}
            if "result" not in bound:
                after["result"] = result
            verdicts[key] = judge(program, check, after)
            if verdicts[key][0] is False and olds[key][1]():
                verdicts[key] = (None, "an old value holds objects that are compared by identity")
    report["verdicts"] = verdicts
    return report


def bind(program, target, case, names):
    """Parameter → argument, with defaults filled in."""
    setup, given = case
    # The user's definitions may shadow a builtin that an argument is spelled with.
    plain = {
        k: getattr(builtins, k) for k in ("float", "set", "frozenset", "iter", "object", "dict", "complex")
    }
    scope = {**names, **plain}
    bound = {}
    try:
        for statement in setup:
            exec(compile(statement, "<setup>", "exec", 0, dont_inherit=True), scope)
        if target.fresh:
            bound["self"] = object.__new__(target.owner)
        for name, _ in program.parameters:
            if name in given:
                bound[name] = eval(program.expression(given[name]), scope)
            elif name in bound or (target.skip_first and not bound):
                continue
            elif name in target.defaults:
                bound[name] = target.defaults[name]
            else:
                raise Broken(f"there is no argument for {name}")
    except (Expired, Denied, Broken):
        raise
    except BaseException as error:
        raise Broken(f"the arguments cannot be made: {describe(error)}") from None
    return bound


def check_entry(program, target, names, entry):
    """Whether the input meets Requires and, for a method, the invariants."""
    for check in program.of_kind("requires", "invariant"):
        scope = scope_of(names, entry)
        if check["kind"] == "invariant":
            if target.fresh or "self" not in entry:
                continue
            scope = {**names, "self": entry["self"]}
        holds, detail = judge(program, check, scope)
        if holds is None:
            raise Broken(detail)
        if not holds:
            raise Skipped(f"{check['plan']['text']} does not hold: {detail}")


def perform(program, target, bound, given, traced, recorder=None):
    """Call the function: its result, the exception that came out instead, and the line of the return."""
    args, keywords = split_arguments(program, target, bound, given)
    lines = []
    if traced:
        sys.settrace(_tracer(target.code, lines) if recorder is None else recorder.trace)
    try:
        result = target.call(*args, **keywords)
    except (Expired, Denied):
        raise
    except BaseException as error:
        limit = limit_of(error)
        if limit:
            raise Broken(limit) from None
        if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
            # The program is an extract: a name may be missing here that the user's module has.
            raise Broken(describe(error)) from None
        return None, error, None
    finally:
        if traced:
            sys.settrace(None)
    if type(result).__name__ in ("coroutine", "async_generator") or hasattr(result, "__next__"):
        # The first clause to look at it would leave nothing for the next.
        if hasattr(result, "close"):
            result.close()
        raise Broken(f"it returns a {type(result).__name__.replace('_', ' ')}")
    if recorder is not None:
        return result, None, recorder.line
    return result, None, lines[-1] if lines else None


def split_arguments(program, target, bound, given):
    """Arguments by position and by name; a parameter left at its default is left out of both."""
    args, keywords, by_name = [], {}, False
    for name, style in program.parameters:
        if name not in bound:
            continue
        if name not in given and not (target.fresh and name == "self"):
            by_name = True
            continue
        value = bound[name]
        if style == "var-positional":
            if by_name and value:
                raise Broken(f"*{name} cannot follow a parameter left at its default")
            args.extend(value)
        elif style == "var-keyword":
            keywords.update(value)
        elif style == "keyword-only" or (by_name and style != "positional-only"):
            keywords[name] = value
        elif by_name:
            raise Broken(f"{name} cannot follow a parameter left at its default")
        else:
            args.append(value)
    return args, keywords


def _tracer(code, lines):
    started = []

    def local(frame, event, _arg):
        if event == "return":
            lines.append(frame.f_lineno)
        return local

    def trace(frame, _event, _arg):
        if started or frame.f_code.co_name != code.co_name or frame.f_code is not code:
            return None
        started.append(frame)
        frame.f_trace_lines = False
        return local

    return trace


def raised(program, error):
    """An exception as the JSON of an outcome; the line is the deepest one in the program's own text."""
    line, entry = None, error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == program.filename:
            line = entry.tb_lineno
        entry = entry.tb_next
    return {"kind": "raised", "exception": type(error).__name__, "message": message_of(error), "line": line}
