"""Settings: which place wins, what is refused with which words, and that nothing raises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.config import DEFAULT_SEVERITY, KEYS, Config, load


def settings(tmp_path: Path, toml: str = "", editor: object = None, **environ: str):
    """The settings of a folder whose pyproject.toml is ``toml``, and the warnings."""
    (tmp_path / "pyproject.toml").write_text(toml, encoding="utf-8")
    return load(tmp_path, editor, environ)


def test_without_any_setting_the_defaults_hold(tmp_path):
    assert settings(tmp_path) == (Config(), ())


def test_a_folder_without_pyproject_has_the_defaults(tmp_path):
    assert load(tmp_path / "nowhere", None, {})[1] == ()


@pytest.mark.parametrize(
    ("toml", "field", "value"),
    [
        ('exclude = ["build", "vendored/**"]', "exclude", ("build", "vendored/**")),
        ("seconds = 2", "seconds", 2.0),
        ("memory-mb = 512", "memory_mb", 512),
        ("memory_mb = 512", "memory_mb", 512),
        ("workers = 4", "workers", 4),
        ('solvers = "agree"', "solvers", "agree"),
        ('backend = "crosshair"', "backend", "crosshair"),
        ("run-code = false", "run_code", False),
        ("cache = false", "cache", False),
        ("lens = true", "lens", True),
        ("hints = true", "hints", True),
        ("verify-on-save = false", "verify_on_save", False),
        ('model = "m"', "model", "m"),
        ("candidates = 3", "candidates", 3),
        ("model-seconds = 30", "model_seconds", 30.0),
    ],
)
def test_each_key_is_read_from_pyproject(tmp_path, toml, field, value):
    config, warnings = settings(tmp_path, f"[tool.lift]\n{toml}\n")
    assert (getattr(config, field), warnings) == (value, ())


def test_the_editor_wins_over_pyproject_and_the_environment_over_both(tmp_path):
    toml = "[tool.lift]\nseconds = 1\nworkers = 1\nlens = true\n"
    config, warnings = settings(tmp_path, toml, {"seconds": 2, "workers": 3}, LIFT_SECONDS="4")
    assert (config.seconds, config.workers, config.lens, warnings) == (4.0, 3, True, ())


@pytest.mark.parametrize("key", ["verifyOnSave", "verify-on-save", "verify_on_save", "lift.verifyOnSave"])
def test_the_editor_may_spell_a_key_its_own_way(tmp_path, key):
    assert not settings(tmp_path, "", {key: False})[0].verify_on_save


def test_null_in_the_editor_means_not_set(tmp_path):
    config, warnings = settings(
        tmp_path, "[tool.lift]\nseconds = 1\n", {"seconds": None, "lift": {"lens": True}}
    )
    assert (config.seconds, config.lens, warnings) == (1.0, True, ())


def test_keys_for_the_client_alone_are_not_complained_about(tmp_path):
    assert settings(tmp_path, "", {"trace": {"server": "off"}, "interpreter": ["python"]})[1] == ()


@pytest.mark.parametrize(
    ("toml", "editor", "environ"),
    [
        ('severity = { refuted = "warning", open-type = "off" }', None, {}),
        ("", {"severity": {"refuted": "warning", "openType": "off"}}, {}),
        ("", {"severity.refuted": "warning", "severity.openType": "off"}, {}),
        ("", None, {"LIFT_SEVERITY": "refuted=warning, open-type=off"}),
    ],
)
def test_severities_override_code_by_code(tmp_path, toml, editor, environ):
    config, warnings = settings(tmp_path, f"[tool.lift]\n{toml}\n", editor, **environ)
    wanted = {**DEFAULT_SEVERITY, "refuted": "warning", "open-type": "off"}
    assert (config.severity, warnings) == (wanted, ())
    assert config.severity_of("refuted") == "warning"


@pytest.mark.parametrize(
    ("toml", "warning"),
    [
        ("second = 3", "second is not a setting of lift; the nearest one is tool.lift.seconds."),
        ('seconds = "3"', "seconds must be a number from 0.1 to 3600, not '3'; it is ignored."),
        ("seconds = nan", "seconds must be a number from 0.1 to 3600, not nan; it is ignored."),
        ("workers = true", "workers must be a whole number from 1 to 64, not True; it is ignored."),
        ("workers = 1.5", "workers must be a whole number from 1 to 64, not 1.5; it is ignored."),
        (
            'exclude = "build"',
            'exclude must be a list of glob patterns, like ["build", "vendored/**"], not \'build\'; '
            "it is ignored.",
        ),
        ("lens = 1", "lens must be true or false, not 1; it is ignored."),
        (
            'severity = "off"',
            "severity must be a table from code to severity, like { refuted = \"warning\" }, not 'off'; "
            "it is ignored.",
        ),
        (
            'severity.refute = "off"',
            "severity.refute is not a diagnostic of lift; the nearest one is tool.lift.severity.refuted.",
        ),
        (
            'severity.refuted = "bad"',
            "severity.refuted must be one of error, warning, information, hint, off, not 'bad'; "
            "it is ignored.",
        ),
        ("trusted = true", "trusted is ignored: only the editor can trust a workspace."),
        (
            'provider = "openai-compatible"',
            "provider is ignored: only you can say what sees your code; set it in the editor or "
            "LIFT_PROVIDER.",
        ),
        (
            'endpoint = "https://attacker.example"',
            "endpoint is ignored: only you can say where code is sent; set it in the editor or "
            "LIFT_ENDPOINT.",
        ),
        (
            'model-file = "m.gguf"',
            "model-file is ignored: only you can say what is loaded; set it in the editor or "
            "LIFT_MODEL_FILE.",
        ),
        (
            "dailyTokens = 0",
            "daily-tokens is ignored: only you can say what may be spent; set it in the editor or "
            "LIFT_DAILY_TOKENS.",
        ),
        ("cache = 3", "cache must be true, false or a folder, not 3; it is ignored."),
    ],
)
def test_what_cannot_be_used_is_a_warning_and_the_default_stays(tmp_path, toml, warning):
    wanted = (Config(), (f"pyproject.toml: tool.lift.{warning}",))
    assert settings(tmp_path, f"[tool.lift]\n{toml}\n") == wanted


@pytest.mark.parametrize(
    "content", ["[tool.lift", "tool = 3", "[tool]\nlift = 3", "[[tool]]", "a = " + "[" * 5000, "\0"]
)
def test_a_pyproject_that_makes_no_sense_leaves_the_defaults(tmp_path, content):
    assert settings(tmp_path, content)[0] == Config()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x80", b"\xef\xbb\xbf[tool.lift]\n"])
def test_a_pyproject_of_any_bytes_leaves_the_defaults(tmp_path, content):
    (tmp_path / "pyproject.toml").write_bytes(content)
    assert load(tmp_path, None, {})[0] == Config()


def test_a_misspelt_variable_names_the_nearest(tmp_path):
    warnings = settings(tmp_path, LIFT_WORKER="2")[1]
    assert warnings == (
        "environment: LIFT_WORKER is not a setting of lift; the nearest one is LIFT_WORKERS.",
    )


def test_a_relative_cache_lies_beside_pyproject(tmp_path):
    assert settings(tmp_path, '[tool.lift]\ncache = ".cache"\n')[0].cache == str(tmp_path / ".cache")


def test_code_runs_only_where_it_may_and_the_workspace_is_trusted(tmp_path):
    assert settings(tmp_path)[0].may_run_code
    assert not settings(tmp_path, "", {"trusted": False})[0].may_run_code
    assert not settings(tmp_path, "[tool.lift]\nrun-code = true\n", {"trusted": False})[0].may_run_code


@pytest.mark.parametrize("name", ["api-key", "apiKey", "openai_api_key", "key", "token", "modal-secret"])
def test_a_key_in_a_file_is_ignored_and_not_repeated(tmp_path, name):
    for toml, editor in ((f'[tool.lift]\n{name} = "sk-1234567"\n', None), ("", {name: "sk-1234567"})):
        config, (warning,) = settings(tmp_path, toml, editor)
        assert config == Config()
        assert "LIFT_API_KEY" in warning
        assert "sk-1234567" not in warning


def test_the_key_of_the_environment_is_no_setting(tmp_path):
    assert settings(tmp_path, LIFT_API_KEY="sk-1234567") == (Config(), ())


@pytest.mark.parametrize(
    "address",
    ["sk-1234567", "ftp://a/b", "http://", "http://u:sk-1234567@a/v1", "http://a/?k=1", "http://a:x"],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(tmp_path, address):
    config, (warning,) = settings(tmp_path, LIFT_ENDPOINT=address)
    assert config.endpoint == ""
    assert warning.startswith("environment: LIFT_ENDPOINT must be an address like http://")
    assert "1234567" not in warning


def test_what_is_yours_to_say_comes_from_the_editor_and_the_environment(tmp_path):
    editor = {"provider": "local", "modelFile": "/m.gguf", "dailyTokens": 5, "requestsPerMinute": 2}
    config, warnings = settings(tmp_path, "", editor, LIFT_ENDPOINT="http://[::1]:8080/v1/")
    assert (config.provider, config.model_file, config.daily_tokens) == ("local", "/m.gguf", 5)
    assert (config.requests_per_minute, config.endpoint, warnings) == (2, "http://[::1]:8080/v1", ())


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from([*KEYS, *(k.upper() for k in KEYS), "severity.refuted"]) | st.text(max_size=12)


@given(_VALUES | st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_any_editor_section_gives_settings(editor):
    config, warnings = load(None, editor, {})
    assert set(config.severity) == set(DEFAULT_SEVERITY)
    assert all("\n" not in warning for warning in warnings)


@given(st.dictionaries(st.builds("LIFT_{}".format, _KEYS), st.text(max_size=20), max_size=4))
def test_any_environment_gives_settings(environ):
    config, _ = load(None, None, environ)
    assert 0.1 <= config.seconds <= 3600
    assert 1 <= config.workers <= 64


@given(
    st.dictionaries(
        _KEYS.filter(str.isprintable), st.booleans() | st.integers() | st.floats() | st.text(), max_size=4
    )
)
def test_any_table_in_pyproject_gives_settings(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("any")
    lines = [f"{_quoted(key)} = {_toml(value)}" for key, value in table.items()]
    (folder / "pyproject.toml").write_text("[tool.lift]\n" + "\n".join(lines), "utf-8", errors="replace")
    assert isinstance(load(folder, None, {})[0], Config)


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08X}" for c in text) + '"'


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else str(value)
