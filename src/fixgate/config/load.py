"""A configuration file to typed settings: read, validate everything, report every problem at once."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fixgate.config.account_names import double_names
from fixgate.config.errors import (
    ConfigError,
    Problem,
    found_in,
    origin_of,
    path_text,
    shown,
    unreadable,
)
from fixgate.config.fields import Keys
from fixgate.config.hocon import Document, Origin, parse_file
from fixgate.config.limit_settings import account_problems
from fixgate.config.order_sources import source_problems
from fixgate.config.resolving import Secrets, absolute_paths
from fixgate.config.settings import ConnectorSettings, GatewaySettings
from fixgate.config.show import Line, effective
from fixgate.config.syntax import HoconError

_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ConnectorEntry:
    """An enabled connector: its key in `connectors`, its factory's name and its validated settings."""

    name: str
    factory: str
    settings: BaseModel
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used.

    `connectors` are the enabled ones, by key, in the order of the file; `disabled` names the
    others. `origins` tells, per setting path (`fix.acceptor.port`), where its value came from.
    Every session has its `default_connector` and `source_id`; every path is absolute.
    """

    file: Path
    settings: GatewaySettings
    connectors: dict[str, ConnectorEntry]
    disabled: tuple[str, ...]
    origins: dict[str, Origin]
    warnings: tuple[str, ...]
    lines: tuple[Line, ...]

    def show(self) -> list[str]:
        """Return the effective configuration, one line per setting, secrets masked."""
        return [str(line) for line in self.lines]


def load(
    path: Path,
    connector_types: Mapping[str, type[BaseModel]],
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Read the configuration file `path`.

    `connector_types` are the settings of each kind of connector, by `factory` name. `environ` is
    what `${VARIABLE}` reads; the process's environment if not given.
    Raises `ConfigError` with every problem found.
    """
    try:
        document = parse_file(path, os.environ if environ is None else environ)
    except HoconError as error:
        raise unreadable(error) from None
    return _Loading(path.absolute(), document, connector_types).result()


class _Loading:
    """One load: collects problems until all is looked at."""

    def __init__(self, file: Path, document: Document, types: Mapping[str, type[BaseModel]]) -> None:
        self._file = file
        self._document = document
        self._types = types
        self._problems: list[Problem] = []
        self._secrets = Secrets(file.parent, document.origins)
        self._disabled: list[str] = []
        self._enabled: list[str] = []

    def result(self) -> Loaded:
        tree = _without_nulls(self._document.values)
        tree.pop("template", None)
        connectors = self._connectors(tree.pop("connectors", {}))
        settings = self._block(GatewaySettings, tree, ())
        self._check_default_connectors(tree)
        self._check_metadata(tree)
        for keys, message in source_problems(settings) if settings is not None else ():
            self._note(keys, message)
        for keys, message in self._account_problems(settings, connectors):
            self._note(keys, message)
        problems = [*self._problems, *self._secrets.problems]
        if problems or settings is None:
            raise ConfigError(sorted(problems, key=self._position))
        settings = self._with_default_connectors(settings)
        parts = {name: (entry.factory, entry.settings) for name, entry in connectors.items()}
        lines = effective(settings, parts, self._document)
        return Loaded(
            file=self._file,
            settings=settings,
            connectors=connectors,
            disabled=tuple(self._disabled),
            origins={path_text(line.keys): line.origin for line in lines},
            warnings=tuple(self._secrets.warnings),
            lines=tuple(lines),
        )

    def _account_problems(
        self, settings: GatewaySettings | None, connectors: dict[str, ConnectorEntry]
    ) -> Iterator[tuple[Keys, str]]:
        """Hold accounts against one another, and limits against the accounts, once all are known."""
        if settings is not None and len(connectors) == len(self._enabled):
            parts = {name: entry.settings for name, entry in connectors.items()}
            yield from account_problems(settings.limits, parts)
            yield from double_names(parts) if settings.http.api.enabled else ()

    def _block(self, model: type[_M], tree: object, at: Keys) -> _M | None:
        """Validate one block; note its problems and return `None` if it has any."""
        tree = self._secrets.read(model, tree, at)
        try:
            block = model.model_validate(tree, by_alias=True, by_name=False)
        except ValidationError as error:
            self._problems.extend(found_in(error, model, at, self._document.origins))
            return None
        return absolute_paths(block, self._file.parent)

    def _connectors(self, tree: object) -> dict[str, ConnectorEntry]:
        if not isinstance(tree, dict):
            self._note(("connectors",), "must be a block of connectors, { NAME { factory = ... } }")
            return {}
        entries: dict[str, ConnectorEntry] = {}
        for name, section in tree.items():
            entry = self._connector(name, section)
            if entry is not None:
                entries[name] = entry
        if not self._enabled and not any(problem.path.startswith("connectors") for problem in self._problems):
            self._note(("connectors",), "at least one enabled connector is required")
        return entries

    def _connector(self, name: str, section: object) -> ConnectorEntry | None:
        at: Keys = ("connectors", name)
        inner = section.get("settings", {}) if isinstance(section, dict) else None
        head = self._block(ConnectorSettings, section, at)
        if head is None:
            return None
        if not head.enabled:
            self._disabled.append(name)
            return None
        self._enabled.append(name)
        model = self._types.get(head.factory)
        if model is None:
            known = ", ".join(sorted(self._types)) or "none"
            self._note((*at, "factory"), f"is not a known kind of connector; known are {known}", head.factory)
            return None
        settings = self._block(model, inner, (*at, "settings"))
        return None if settings is None else ConnectorEntry(name, head.factory, settings)

    def _check_default_connectors(self, tree: dict[str, Any]) -> None:
        """Hold what sessions name against the connectors, however little else of them is right."""
        fix = tree.get("fix")
        sessions = fix.get("sessions", [{}]) if isinstance(fix, dict) else [{}]
        for index, session in enumerate(sessions if isinstance(sessions, list) else []):
            if not self._enabled or not isinstance(session, dict):
                continue
            named = session.get("defaultConnector")
            keys: Keys = ("fix", "sessions", index, "defaultConnector")
            names = ", ".join(self._enabled)
            if named is None and len(self._enabled) > 1:
                self._note(keys, f"is missing. With several connectors enabled it must name one of {names}")
            elif isinstance(named, str) and named not in self._enabled:
                reason = "is not enabled" if named in self._disabled else "is not a connector"
                self._note(keys, f"{reason}; enabled are {names}", named)

    def _with_default_connectors(self, settings: GatewaySettings) -> GatewaySettings:
        """Return the settings with every session's default connector filled in."""
        sessions = tuple(
            session if session.default_connector else session.model_copy(update={"default_connector": name})
            for name in self._enabled[:1]
            for session in settings.fix.sessions
        )
        return settings.model_copy(update={"fix": settings.fix.model_copy(update={"sessions": sessions})})

    def _check_metadata(self, tree: dict[str, Any]) -> None:
        section = tree.get("securityMetadata")
        file = section.get("file") if isinstance(section, dict) else None
        if isinstance(file, str) and file and not (self._file.parent / file).is_file():
            self._note(("securityMetadata", "file"), "must be a file that exists", file)

    def _note(self, keys: Keys, message: str, value: str = "") -> None:
        text = shown(value, masked=False) if value else ""
        origin = str(origin_of(keys, self._document.origins))
        self._problems.append(Problem(origin, path_text(keys), text, message))

    @staticmethod
    def _position(problem: Problem) -> tuple[str, int, str]:
        file, _, line = problem.origin.rpartition(":")
        return (file, int(line), problem.path) if line.isdigit() else (problem.origin, 0, problem.path)


def _without_nulls(value: Any) -> Any:
    """Return `value` without its nulls: in HOCON a setting that is null is one that is not set."""
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return (
        [_without_nulls(inner) for inner in value if inner is not None] if isinstance(value, list) else value
    )
