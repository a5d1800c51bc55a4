"""The workspace's folders with their settings and projects.

A project is made when the first document of its folder is opened; a document outside every folder belongs to
a project of its own folder's settings. Must not speak to the client.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lift.config import Config, load
from lift.lsp.greeting import Client
from lift.lsp.uris import from_path, to_path
from lift.neighbours import stub_problems
from lift.project import Project
from lift.verify.peers import missing


class Folders:
    """All projects of a session."""

    def __init__(self, client: Client) -> None:
        roots = (to_path(uri) for uri in client.roots)
        self._roots = [root for root in roots if root is not None]
        self._given: Mapping[str, Any] = client.options
        self._settings: Mapping[str, Any] = {}
        self._trusted = client.trusted
        self._projects: dict[Path | None, Project] = {}
        self.warnings: list[str] = []

    def all(self) -> tuple[Project, ...]:
        """The projects that exist so far."""
        return tuple(self._projects.values())

    def rooted(self) -> tuple[Project, ...]:
        """The projects of the workspace's folders, made now if need be."""
        return tuple(self.project_of(from_path(str(root))) for root in self._roots)

    @property
    def trusted(self) -> bool:
        """Whether the user trusts the workspace, which lift does not take for granted.

        Said by the client as it starts or in ``lift/didChangeTrust``, else by the environment. What comes as
        a setting is not asked: editors merge files of the workspace into their settings, and a folder must
        not vouch for itself.
        """
        if self._trusted is not None:
            return self._trusted
        return load(None, {"trusted": False}, os.environ)[0].trusted

    @property
    def trust_is_unsaid(self) -> bool:
        """Whether the workspace is untrusted only because nobody said anything about it."""
        return self._trusted is None and not self.trusted

    def trust(self, trusted: bool) -> bool:
        """The client says anew whether the workspace is trusted; False if it was so before."""
        before, self._trusted = self.trusted, trusted
        if before == trusted:
            return False
        self.reload()
        return True

    def project_of(self, uri: str) -> Project:
        """The project that a document belongs to, made now if need be."""
        root = self._root_of(to_path(uri))
        project = self._projects.get(root)
        if project is None:
            project = Project(root or Path.cwd(), self._load(root))
            self._projects[root] = project
            self.warnings.extend(stub_problems(project.root))
        return project

    def add(self, uri: str) -> None:
        """A folder was added to the workspace."""
        root = to_path(uri)
        if root is not None and root not in self._roots:
            self._roots.append(root)

    def remove(self, uri: str) -> None:
        """A folder was removed from the workspace; its project ends."""
        root = to_path(uri)
        if root in self._roots:
            self._roots.remove(root)
        project = self._projects.pop(root, None)
        if project is not None:
            project.close()

    def configure(self, settings: object) -> bool:
        """Takes the editor's settings; False if they are what they were."""
        settings = settings if isinstance(settings, Mapping) else {}
        if settings.get("trusted") is True and not self.trusted:
            self.warnings.append(
                "lift.trusted is ignored in the settings, which a folder's own files may be part of;"
                " set it in initializationOptions."
            )
        if settings == self._settings:
            return False
        self._settings = settings
        self.reload()
        return True

    def reload(self) -> None:
        """Reads the settings' files again."""
        for root, project in self._projects.items():
            project.configure(self._load(root))

    def close(self) -> None:
        """Ends all work."""
        for project in self._projects.values():
            project.close()

    def _load(self, root: Path | None) -> Config:
        given = {**self._given, **self._settings}
        config, warnings = load(root, given, os.environ, trusted=self.trusted)
        self.warnings.extend(warnings)
        lacking = missing(config.backend)
        if lacking is not None:
            self.warnings.append(lacking)
        return config

    def _root_of(self, path: Path | None) -> Path | None:
        if path is None:
            return self._roots[0] if self._roots else None
        around = [root for root in self._roots if root == path or root in path.parents]
        if around:
            return max(around, key=lambda root: len(root.parts))
        # One project a folder would start one pool each, so that all stray files share one.
        return self._roots[0] if self._roots else path.parent if path.parent != path else None
