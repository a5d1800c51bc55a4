"""The answer to ``initialize``, made before anything heavy is imported, and what it learnt of the client.

Importing pygls takes longer than the 300 ms within which an editor should hear from us, so that this reply
is plain data; ``tests/lift/lsp/test_greeting.py`` holds it against lsprotocol's types and against the
handlers that are registered. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lift import __version__

Encoding = Literal["utf-8", "utf-16", "utf-32"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

COMMANDS = (
    "lift.check",
    "lift.draft",
    "lift.generate",
    "lift.infer",
    "lift.otherResolutions",
    "lift.previewCandidates",
    "lift.repair",
    "lift.restore",
    "lift.showHistory",
    "lift.showSpecification",
    "lift.showTrace",
    "lift.status",
    "lift.stub",
    "lift.suggest",
)

ACTION_KINDS = (
    "quickfix",
    "refactor.rewrite.lift.draft",
    "refactor.rewrite.lift.enforce",
    "refactor.rewrite.lift.generate",
    "refactor.rewrite.lift.infer",
    "refactor.rewrite.lift.invariant",
    "refactor.rewrite.lift.stub",
    "refactor.rewrite.lift.tests",
    "source.lift.check",
    "source.lift.normalizeSpec",
)


# What lift may call a word of a specification, in the order of the legend. The first two are its own; to a
# client that knows neither they are keyword and variable.
TOKEN_TYPES = (
    "liftSection",
    "liftHole",
    "keyword",
    "parameter",
    "variable",
    "property",
    "method",
    "function",
    "class",
    "string",
    "number",
    "operator",
)


@dataclass(frozen=True)
class Client:
    """What the client can do and what it told us, read leniently: a wrong type counts as not given.

    Attributes:
        encoding: The unit of columns, agreed on.
        pull: Whether it asks for diagnostics itself, and can be told to ask again.
        related, tags, data: Parts of a diagnostic that it understands.
        hover_format: The first format of its list that we can write.
        literals: Whether code actions may be more than commands.
        resolve_edit: Whether an action's edit may be left for ``codeAction/resolve``.
        document_changes: Whether an edit may name the version it is for.
        create_files: Whether an edit may make files.
        apply_edit: Whether it applies edits that the server sends.
        progress: Whether it shows work-done progress that the server starts.
        configuration: Whether it answers ``workspace/configuration``.
        completion: Whether it asks for completions.
        snippets: Whether a completion may have places to go on at.
        insert_modes: The ways that it knows to indent a completion of several lines.
        insert_replace: Whether a completion may offer to keep or to replace what stands behind the cursor.
        edit_range: Whether a list of completions may say once what all of them replace.
        documentation_format: The first format of its list for documentation that we can write.
        signatures: Whether it asks what a call takes.
        label_offsets: Whether a parameter may be said by its place in the label.
        token_types: The types of semantic tokens that it knows.
        tokens_full, tokens_delta, tokens_range: Which requests for them it makes.
        definitions, references, highlights: Whether it asks where names are bound and mentioned.
        renames: Whether it asks for renames.
        prepares_rename: Whether it asks first whether a rename is possible.
        folding: Whether it asks what can be folded.
        folding_lines_only: Whether it folds whole lines only.
        folding_limit: How many ranges it takes, None for any number.
        roots: URIs of the workspace's folders.
        options: ``initializationOptions``, an empty mapping if it is none.
        trusted: Whether it says there that the workspace is trusted; None if it says nothing about it.
    """

    process_id: int | None = None
    encoding: Encoding = "utf-16"
    pull: bool = False
    related: bool = False
    tags: frozenset[int] = frozenset()
    data: bool = False
    hover_format: Literal["markdown", "plaintext"] = "plaintext"
    literals: bool = False
    preferred: bool = False
    action_data: bool = False
    resolve_edit: bool = False
    document_changes: bool = False
    create_files: bool = False
    hierarchical_symbols: bool = False
    show_document: bool = False
    apply_edit: bool = False
    progress: bool = False
    configuration: bool = False
    configuration_dynamic: bool = False
    watch_files_dynamic: bool = False
    lens_refresh: bool = False
    hints_refresh: bool = False
    inline_values: bool = False
    values_refresh: bool = False
    completion: bool = False
    snippets: bool = False
    insert_modes: frozenset[int] = frozenset()
    insert_replace: bool = False
    edit_range: bool = False
    documentation_format: Literal["markdown", "plaintext"] = "plaintext"
    signatures: bool = False
    label_offsets: bool = False
    token_types: frozenset[str] = frozenset()
    tokens_full: bool = False
    tokens_delta: bool = False
    tokens_range: bool = False
    definitions: bool = False
    references: bool = False
    highlights: bool = False
    renames: bool = False
    prepares_rename: bool = False
    folding: bool = False
    folding_lines_only: bool = False
    folding_limit: int | None = None
    roots: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    trusted: bool | None = None


def read_client(params: object) -> Client:
    """What ``initialize`` says about the client; whatever its params are, a ``Client`` comes back."""
    get = _Reader(params)
    document, workspace = "capabilities.textDocument.", "capabilities.workspace."
    published, action = document + "publishDiagnostics.", document + "codeAction."
    completion, item = document + "completion", document + "completion.completionItem."
    options = get("initializationOptions", dict)
    return Client(
        process_id=_process_id(get("processId", int)),
        encoding=_encoding(get.strings("capabilities.general.positionEncodings")),
        # A client that pulls but cannot be told to pull again would never see a proof's result.
        pull=get(document + "diagnostic", dict) is not None
        and get.flag(workspace + "diagnostics.refreshSupport"),
        related=get.flag(published + "relatedInformation")
        or get.flag(document + "diagnostic.relatedInformation"),
        tags=frozenset(get.integers(published + "tagSupport.valueSet"))
        | frozenset(get.integers(document + "diagnostic.tagSupport.valueSet")),
        data=get.flag(published + "dataSupport") or get.flag(document + "diagnostic.dataSupport"),
        hover_format=_format(get.strings(document + "hover.contentFormat")),
        literals=get(action + "codeActionLiteralSupport", dict) is not None,
        preferred=get.flag(action + "isPreferredSupport"),
        action_data=get.flag(action + "dataSupport"),
        resolve_edit="edit" in get.strings(action + "resolveSupport.properties"),
        document_changes=get.flag(workspace + "workspaceEdit.documentChanges"),
        create_files="create" in get.strings(workspace + "workspaceEdit.resourceOperations"),
        hierarchical_symbols=get.flag(document + "documentSymbol.hierarchicalDocumentSymbolSupport"),
        show_document=get.flag("capabilities.window.showDocument.support"),
        apply_edit=get.flag(workspace + "applyEdit"),
        progress=get.flag("capabilities.window.workDoneProgress"),
        configuration=get.flag(workspace + "configuration"),
        configuration_dynamic=get.flag(workspace + "didChangeConfiguration.dynamicRegistration"),
        watch_files_dynamic=get.flag(workspace + "didChangeWatchedFiles.dynamicRegistration"),
        lens_refresh=get.flag(workspace + "codeLens.refreshSupport"),
        hints_refresh=get.flag(workspace + "inlayHint.refreshSupport"),
        inline_values=get(document + "inlineValue", dict) is not None,
        values_refresh=get.flag(workspace + "inlineValue.refreshSupport"),
        completion=get(completion, dict) is not None,
        snippets=get.flag(item + "snippetSupport"),
        insert_modes=frozenset(get.integers(item + "insertTextModeSupport.valueSet")),
        insert_replace=get.flag(item + "insertReplaceSupport"),
        edit_range="editRange" in get.strings(completion + ".completionList.itemDefaults"),
        documentation_format=_format(get.strings(item + "documentationFormat")),
        signatures=get(document + "signatureHelp", dict) is not None,
        label_offsets=get.flag(
            document + "signatureHelp.signatureInformation.parameterInformation.labelOffsetSupport"
        ),
        token_types=frozenset(get.strings(document + "semanticTokens.tokenTypes"))
        if "relative" in get.strings(document + "semanticTokens.formats")
        else frozenset(),
        tokens_full=get.wants(document + "semanticTokens.requests.full"),
        tokens_delta=get.flag(document + "semanticTokens.requests.full.delta"),
        tokens_range=get.wants(document + "semanticTokens.requests.range"),
        definitions=get(document + "definition", dict) is not None,
        references=get(document + "references", dict) is not None,
        highlights=get(document + "documentHighlight", dict) is not None,
        renames=get(document + "rename", dict) is not None,
        prepares_rename=get.flag(document + "rename.prepareSupport"),
        folding=get(document + "foldingRange", dict) is not None,
        folding_lines_only=get.flag(document + "foldingRange.lineFoldingOnly"),
        folding_limit=_limit(get(document + "foldingRange.rangeLimit", int)),
        roots=_roots(get),
        options=options if options is not None else {},
        trusted=_trusted(get),
    )


def reply(client: Client) -> dict[str, Any]:
    """The result of ``initialize`` for ``client``."""
    capabilities: dict[str, Any] = {
        "positionEncoding": client.encoding,
        "textDocumentSync": {
            "openClose": True,
            "change": 2,
            "save": {"includeText": False},
        },
        "hoverProvider": True,
        "documentSymbolProvider": {"label": "lift"},
        "codeActionProvider": {
            "codeActionKinds": list(ACTION_KINDS),
            "resolveProvider": client.resolve_edit,
        },
        "codeLensProvider": {"resolveProvider": False},
        "inlayHintProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": list(COMMANDS), "workDoneProgress": True},
        "workspaceSymbolProvider": {"resolveProvider": False},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if client.completion:
        capabilities["completionProvider"] = {"triggerCharacters": [".", "`", "?"], "resolveProvider": True}
    if client.signatures:
        capabilities["signatureHelpProvider"] = {"triggerCharacters": ["(", ","]}
    if legend(client) and (client.tokens_full or client.tokens_range):
        capabilities["semanticTokensProvider"] = {
            "legend": {"tokenTypes": legend(client), "tokenModifiers": []},
            "full": {"delta": client.tokens_delta} if client.tokens_full else False,
            "range": client.tokens_range,
        }
    if client.definitions:
        capabilities["definitionProvider"] = True
    if client.references:
        capabilities["referencesProvider"] = True
    if client.highlights:
        capabilities["documentHighlightProvider"] = True
    if client.renames:
        capabilities["renameProvider"] = {"prepareProvider": True} if client.prepares_rename else True
    if client.inline_values:
        capabilities["inlineValueProvider"] = True
    if client.folding:
        capabilities["foldingRangeProvider"] = True
    if client.pull:
        capabilities["diagnosticProvider"] = {
            "identifier": "lift",
            "interFileDependencies": False,
            "workspaceDiagnostics": True,
        }
    return {"capabilities": capabilities, "serverInfo": {"name": "lift", "version": __version__}}


def legend(client: Client) -> list[str]:
    """The types of semantic tokens that are sent to the client."""
    return [name for name in TOKEN_TYPES if name in client.token_types]


class _Reader:
    """Looks up dotted paths in what may be any JSON."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __call__(self, path: str, wanted: type) -> Any:
        value = self._value
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, bool) and wanted is not bool:
            return None
        return value if isinstance(value, wanted) else None

    def flag(self, path: str) -> bool:
        return self(path, bool) is True

    def wants(self, path: str) -> bool:
        """Whether something is switched on, by ``true`` or by saying how."""
        return self.flag(path) or self(path, dict) is not None

    def strings(self, path: str) -> list[str]:
        return [v for v in self(path, list) or () if isinstance(v, str)]

    def integers(self, path: str) -> list[int]:
        return [v for v in self(path, list) or () if isinstance(v, int)]


def _encoding(offered: list[str]) -> Encoding:
    # The list is in the client's order of preference; UTF-16 is what everybody speaks.
    for name in offered:
        for known in ENCODINGS:
            if name == known:
                return known
    return "utf-16"


def _format(offered: list[str]) -> Literal["markdown", "plaintext"]:
    for name in offered:
        if name == "markdown":
            return "markdown"
        if name == "plaintext":
            return "plaintext"
    return "plaintext"


def _limit(value: int | None) -> int | None:
    return value if value is not None and value >= 0 else None


def _trusted(get: _Reader) -> bool | None:
    for path in ("trusted", "lift.trusted"):
        said = get(f"initializationOptions.{path}", bool)
        if said is not None:
            return said
    return None


def _process_id(value: int | None) -> int | None:
    """A number that may be a process's, None for any other.

    Ensures:
        - ``result is None or (result == value and 0 < result < 2**31)``
    """
    return value if value is not None and 0 < value < 1 << 31 else None


def _roots(get: _Reader) -> tuple[str, ...]:
    folders = get("workspaceFolders", list) or []
    uris = [f["uri"] for f in folders if isinstance(f, dict) and isinstance(f.get("uri"), str)]
    if not uris and (root := get("rootUri", str)):
        uris = [root]
    if not uris and (path := get("rootPath", str)):
        from lift.lsp.uris import from_path

        uris = [from_path(path)]
    return tuple(dict.fromkeys(uris))
