"""Settings: ``[tool.lift]`` in pyproject.toml, then the editor's ``lift.*``, then ``LIFT_*``.

Whatever stands in those three places, a ``Config`` comes back and never an exception: a key that
nobody knows or a value of the wrong type is a warning in words, and the setting keeps the value that it
had before. Must not import anything of lift but the IR.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from lift_ir import Code

Severity = Literal["error", "warning", "information", "hint", "off"]

SolverChoice = Literal["z3", "both", "agree"]
Backend = Literal["lift", "crosshair"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
DEFAULT_SEVERITY: Mapping[str, Severity] = {
    "refuted": "error",
    "may-raise": "warning",
    "call-violates": "error",
    "inconsistent-spec": "error",
    "trivial-clause": "hint",
    "bad-clause": "error",
    "open-clause": "information",
    "open-term": "information",
    "open-effect": "information",
    "open-intent": "information",
    "open-type": "hint",
    "open-body": "information",
    "unknown": "off",
    "drift": "warning",
}


@dataclass(frozen=True)
class Config:
    """All settings of a folder.

    Attributes:
        exclude: Glob patterns of files and folders that are not walked, relative to the root.
        severity: Diagnostic code → how it is shown; complete, the defaults filled in.
        seconds: Wall-clock budget for one function.
        memory_mb: Memory limit of a worker, in MiB.
        solvers: Which solvers prove: Z3 alone, cvc5 beside it, or both of every proof.
        backend: What looks for counterexamples: lift alone, or CrossHair after it.
        workers: How many functions are checked at the same time.
        run_code: Whether the user's code may run in the sandbox.
        cache: Folder of the result cache; True is the user's cache folder, False is no cache.
        lens: Whether code lenses are shown.
        hints: Whether inlay hints are shown.
        verify_on_save: Whether a file is checked when it is saved.
        trusted: Whether the workspace is trusted. Only the editor and the environment can say so.
        provider: What asks a model, by its name in ``lift.generate.registry``; empty for nothing. Like the
            other settings that say where code is sent and what that may cost, never a project's to choose.
        model: The model's name; empty where the server knows.
        endpoint: Address of the model's server; empty for the provider's own.
        model_file: A GGUF file for the provider ``local``; empty for none.
        candidates: How many answers a model is asked for at a time.
        daily_tokens: Most tokens that models may be asked in a day; 0 for any number.
        requests_per_minute: Most requests to a model's server in a minute; 0 for any number.
        model_seconds: Wall-clock time for one answer.
    """

    exclude: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=lambda: dict(DEFAULT_SEVERITY))
    seconds: float = 6.0
    memory_mb: int = 2048
    solvers: SolverChoice = "both"
    backend: Backend = "lift"
    workers: int = 2
    run_code: bool = True
    cache: bool | str = True
    lens: bool = False
    hints: bool = False
    verify_on_save: bool = True
    trusted: bool = True
    provider: str = ""
    model: str = ""
    endpoint: str = ""
    model_file: str = ""
    candidates: int = 8
    daily_tokens: int = 1_000_000
    requests_per_minute: int = 60
    model_seconds: float = 120.0

    def severity_of(self, code: Code) -> Severity:
        """How diagnostics with ``code`` are shown."""
        return self.severity[code]

    @property
    def may_run_code(self) -> bool:
        """Whether the user's code may run: allowed by the settings, in a trusted workspace."""
        return self.run_code and self.trusted


def load(
    root: Path | None,
    editor: object = None,
    environ: Mapping[str, str] | None = None,
    trusted: bool | None = None,
) -> tuple[Config, tuple[str, ...]]:
    """The settings that hold for ``root``, and warnings for people.

    Args:
        root: The folder whose pyproject.toml, or whose parents', is read; None reads none.
        editor: The editor's ``lift`` section as it came over the wire: keys in kebab-case, snake_case
            or camelCase, with or without a leading ``lift.``; null means not set.
        environ: The environment, of which ``LIFT_*`` is read.
        trusted: Whether the workspace is trusted, where that is known already; None takes it from ``editor``
            and ``environ``. The file of a workspace that is not can set less, see ``TRUST``.
    """
    warnings: list[str] = []
    editor_table, environment = _editor_table(editor, warnings), _environment_table(environ or {})
    if trusted is not None:
        editor_table = {k: v for k, v in editor_table.items() if k != "trusted"}
        environment = {k: v for k, v in environment.items() if k != "trusted"}
    said = Config() if trusted is None else Config(trusted=trusted)
    for table, layer in (
        (editor_table, _Layer("settings: ", root)),
        (environment, _Layer("environment: ", None)),
    ):
        said = _apply(said, {k: v for k, v in table.items() if k == "trusted"}, layer, [])
    config = replace(Config(), trusted=said.trusted)
    source = find_pyproject(root) if root is not None else None
    if source is not None:
        table, problem = _tool_table(source)
        warnings.extend(problem)
        config = _apply(config, table, _Layer(f"{source.name}: tool.lift.", source.parent), warnings)
    config = _apply(config, editor_table, _Layer("settings: lift.", root), warnings)
    config = _apply(config, environment, _Layer("environment: LIFT_", None), warnings)
    return config, tuple(warnings)


def find_pyproject(root: Path) -> Path | None:
    """The pyproject.toml of ``root`` or of its nearest parent that has one."""
    try:
        root = root.resolve()
        folders = (root, *root.parents)
        return next((f / "pyproject.toml" for f in folders if (f / "pyproject.toml").is_file()), None)
    except (OSError, ValueError, RuntimeError):
        return None


@dataclass(frozen=True)
class _Layer:
    """One of the three places that settings come from.

    Attributes:
        prefix: What its keys are called in warnings, up to the key itself.
        base: Folder that relative paths are resolved against.
    """

    prefix: str
    base: Path | None

    @property
    def is_project(self) -> bool:
        return self.prefix.startswith("pyproject")

    @property
    def is_environment(self) -> bool:
        return self.prefix.startswith("environment")

    def spell(self, key: str) -> str:
        return self.prefix + (key.upper().replace("-", "_") if self.is_environment else key)


class _Bad(Exception):
    """A value that does not fit; its text says what would."""


def _boolean(value: Any, _layer: _Layer) -> bool:
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    if not isinstance(value, bool):
        raise _Bad("true or false")
    return value


_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _number(low: float, high: float, whole: bool) -> Callable[[Any, _Layer], Any]:
    wanted = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"

    def read(value: Any, layer: _Layer) -> float | int:
        try:
            number = float(value) if isinstance(value, str) and layer.is_environment else value
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise _Bad(wanted)
            if not math.isfinite(number) or not low <= number <= high or (whole and number != int(number)):
                raise _Bad(wanted)
        except (ValueError, OverflowError):
            raise _Bad(wanted) from None
        return int(number) if whole else float(number)

    return read


def _patterns(value: Any, layer: _Layer) -> tuple[str, ...]:
    if isinstance(value, str) and layer.is_environment:
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) and v.strip() for v in value):
        raise _Bad('a list of glob patterns, like ["build", "vendored/**"]')
    return tuple(value)


def _one_of(*words: str) -> Callable[[Any, _Layer], str]:
    def read(value: Any, _layer: _Layer) -> str:
        if value not in words:
            raise _Bad(f"one of {', '.join(words)}")
        return value

    return read


def _folder(value: Any, layer: _Layer) -> bool | str:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise _Bad("true, false or a folder")
    if layer.is_environment and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise _Bad("true, false or a folder") from None
    return str(path if layer.base is None else layer.base / path)


def _name(value: Any, _layer: _Layer) -> str:
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise _Bad("a name")
    return value.strip()


def _address(value: Any, _layer: _Layer) -> str:
    wanted = "an address like http://127.0.0.1:8080/v1, without a name or a key in it"
    if not isinstance(value, str):
        raise _Bad(wanted)
    value = value.strip().rstrip("/")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _Bad(wanted) from None
    plain = value.isprintable() and not re.search(r"[\s?#@]", value) and port != 0
    if value and not (parts.scheme in ("http", "https") and parts.hostname and plain):
        raise _Bad(wanted)
    return value


def _file(value: Any, layer: _Layer) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise _Bad("a file")
    if not value.strip():
        return ""
    try:
        path = Path(value.strip()).expanduser()
    except RuntimeError:
        raise _Bad("a file") from None
    return str(path if layer.base is None else layer.base / path)


_FIELDS: Mapping[str, tuple[str, Callable[[Any, _Layer], Any]]] = {
    "exclude": ("exclude", _patterns),
    "seconds": ("seconds", _number(0.1, 3600, whole=False)),
    "memory-mb": ("memory_mb", _number(256, 1_048_576, whole=True)),
    "solvers": ("solvers", _one_of(*get_args(SolverChoice))),
    "backend": ("backend", _one_of(*get_args(Backend))),
    "workers": ("workers", _number(1, 64, whole=True)),
    "run-code": ("run_code", _boolean),
    "cache": ("cache", _folder),
    "lens": ("lens", _boolean),
    "hints": ("hints", _boolean),
    "verify-on-save": ("verify_on_save", _boolean),
    "trusted": ("trusted", _boolean),
    "provider": ("provider", _name),
    "model": ("model", _name),
    "endpoint": ("endpoint", _address),
    "model-file": ("model_file", _file),
    "candidates": ("candidates", _number(1, 64, whole=True)),
    "daily-tokens": ("daily_tokens", _number(0, 10**12, whole=True)),
    "requests-per-minute": ("requests_per_minute", _number(0, 100_000, whole=True)),
    "model-seconds": ("model_seconds", _number(1, 3600, whole=False)),
}

# What a folder must not decide about itself, whoever's it is: a cloned repository could otherwise vouch for
# its own code, have the user's code and key sent to a server of its choice, or spend the user's money.
_NOT_FOR_PROJECTS: Mapping[str, str] = {
    "trusted": "only the editor can trust a workspace",
    "provider": "only you can say what sees your code; set it in the editor or LIFT_PROVIDER",
    "endpoint": "only you can say where code is sent; set it in the editor or LIFT_ENDPOINT",
    "model-file": "only you can say what is loaded; set it in the editor or LIFT_MODEL_FILE",
    "daily-tokens": "only you can say what may be spent; set it in the editor or LIFT_DAILY_TOKENS",
    "requests-per-minute": (
        "only you can say what may be spent; set it in the editor or LIFT_REQUESTS_PER_MINUTE"
    ),
}
Trust = Literal["any", "less", "trusted", "user"]
TRUST: Mapping[str, Trust] = {
    "exclude": "any",
    "severity": "any",
    "solvers": "any",
    "run-code": "any",
    "lens": "any",
    "hints": "any",
    "verify-on-save": "any",
    "seconds": "less",
    "memory-mb": "less",
    "workers": "less",
    "candidates": "less",
    "model-seconds": "less",
    "backend": "trusted",
    "cache": "trusted",
    "model": "trusted",
    **dict.fromkeys(_NOT_FOR_PROJECTS, "user"),
}
"""What the pyproject.toml of a workspace may set: ``any``, trusted or not; ``less``, where it is not trusted
no more than the default; ``trusted``, only where it is; ``user``, never."""

# Where a key is easily put by mistake, so that a wrong value is not repeated in a warning.
_SECRETIVE = frozenset({"provider", "model", "endpoint"})
_KEY = re.compile(r"(^|-)(api-?key|key|secret|token|password)$")
KEYS: tuple[str, ...] = (*_FIELDS, "severity")

# An editor sends its whole section, and these keys in it are for the client that starts the server.
_CLIENT_KEYS = frozenset(
    {"trace", "interpreter", "server", "path", "args", "enable", "environment", "log-level"}
)


def _apply(config: Config, table: Mapping[str, Any], layer: _Layer, warnings: list[str]) -> Config:
    for key, value in table.items():
        if key == "severity":
            config = replace(config, severity=_severities(config.severity, value, layer, warnings))
        elif key in _NOT_FOR_PROJECTS and layer.is_project:
            warnings.append(f"{layer.spell(key)} is ignored: {_NOT_FOR_PROJECTS[key]}.")
        elif layer.is_project and not config.trusted and _is_presumptuous(key, value):
            most = f" above {getattr(Config(), _FIELDS[key][0]):g}" if TRUST[key] == "less" else ""
            warnings.append(f"{layer.spell(key)} is ignored{most}: the workspace is not trusted.")
        elif _KEY.search(key) and not layer.is_environment:
            # Its value is not even looked at, so that no message can show it.
            warnings.append(
                f"{layer.spell(_short(key))} is ignored: a key does not belong in a file; put it into the"
                " environment as LIFT_API_KEY, or into the system's keyring, and take it out there."
            )
        elif key in _FIELDS:
            name, read = _FIELDS[key]
            try:
                config = replace(config, **{name: read(value, layer)})
            except _Bad as wanted:
                shown = "what it is" if key in _SECRETIVE else _shown(value)
                warnings.append(f"{layer.spell(key)} must be {wanted}, not {shown}; it is ignored.")
        else:
            warnings.append(_unknown(key, KEYS, layer.spell, "setting"))
    return config


def _is_presumptuous(key: str, value: object) -> bool:
    """Whether a workspace must be trusted to set ``key`` to ``value`` in its own file."""
    match TRUST.get(key):
        case "trusted":
            # Whether results are kept says nothing about where.
            return not isinstance(value, bool)
        case "less":
            most = getattr(Config(), _FIELDS[key][0])
            return isinstance(value, (int, float)) and value > most
        case _:
            return False


def _severities(
    known: Mapping[str, Severity], value: Any, layer: _Layer, warnings: list[str]
) -> Mapping[str, Severity]:
    def place(code: str) -> str:
        return layer.spell("severity") + "." + code

    if isinstance(value, str) and layer.is_environment:
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        value = {code.strip(): word.strip() for code, _, word in pairs}
    if not isinstance(value, Mapping):
        wanted = 'a table from code to severity, like { refuted = "warning" }'
        warnings.append(f"{layer.spell('severity')} must be {wanted}, not {_shown(value)}; it is ignored.")
        return known
    merged = dict(known)
    for key, word in value.items():
        code = str(key)
        if code not in DEFAULT_SEVERITY:
            warnings.append(_unknown(code, tuple(DEFAULT_SEVERITY), place, "diagnostic"))
        elif word not in SEVERITIES:
            choices = ", ".join(SEVERITIES)
            warnings.append(f"{place(code)} must be one of {choices}, not {_shown(word)}; it is ignored.")
        else:
            merged[code] = word
    return merged


def _unknown(key: str, known: tuple[str, ...], spell: Callable[[str], str], what: str) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
    # The nearest one is in the same place, which need not be said twice.
    return (
        f"{spell(_short(key))} is not a {what} of lift; the nearest one is {spell(near).partition(': ')[2]}."
    )


def _shown(value: object) -> str:
    try:
        return _short(repr(value))
    except Exception:
        # A table nested deeper than the recursion limit has no repr; its type has to do.
        return f"a {type(value).__name__}"


def _short(text: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in text[:200])
    return text if len(text) <= 60 else text[:57] + "..."


def _tool_table(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    try:
        if path.stat().st_size > 4_000_000:
            return {}, [f"{path.name} is larger than 4 MB; its settings are not read."]
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        return {}, [f"{path.name} cannot be read, so lift uses its defaults: {_short(str(error))}"]
    tool = document.get("tool", {})
    table = tool.get("lift", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        return {}, [f"{path.name}: tool.lift must be a table, not {_shown(table)}; it is ignored."]
    return {_kebab(key): value for key, value in table.items()}, []


def _editor_table(editor: object, warnings: list[str]) -> Mapping[str, Any]:
    if editor is None:
        return {}
    if not isinstance(editor, Mapping):
        warnings.append(f"settings: lift must be an object, not {_shown(editor)}; it is ignored.")
        return {}
    nested = editor.get("lift")
    if isinstance(nested, Mapping):
        editor = {**editor, **nested}
    table: dict[str, Any] = {}
    severities: dict[str, Any] = {}
    for key, value in editor.items():
        name = _kebab(str(key).removeprefix("lift."))
        if value is None or name == "lift" or name.split(".")[0] in _CLIENT_KEYS:
            continue
        if name.startswith("severity."):
            severities[name.removeprefix("severity.")] = value
        elif name == "severity" and isinstance(value, Mapping):
            severities |= {_kebab(str(code)): word for code, word in value.items()}
        else:
            table[name] = value
    if severities:
        table["severity"] = severities
    return table


# Read by the scripts that set up an environment and by lift's own tests, which start lift with them set; and
# what is no setting: the key, and what is deployed by `lift serve`.
_NOT_SETTINGS = frozenset(
    {
        "LIFT_",
        "LIFT_API_KEY",
        "LIFT_EDITOR_CACHE",
        "LIFT_PYTHON",
        "LIFT_REQUIRE_EDITORS",
        "LIFT_SERVED",
        "LIFT_SERVED_CONTAINERS",
    }
)


def _environment_table(environ: Mapping[str, str]) -> Mapping[str, str]:
    found = {k: v for k, v in environ.items() if k.startswith("LIFT_") and k not in _NOT_SETTINGS}
    return {k.removeprefix("LIFT_").lower().replace("_", "-"): found[k] for k in sorted(found)}


def _kebab(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", key).replace("_", "-").lower()
