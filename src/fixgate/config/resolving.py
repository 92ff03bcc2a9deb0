"""Values that lead to files: secrets kept in files of their own, and paths relative to the configuration."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from fixgate.config.errors import Problem, origin_of, path_text
from fixgate.config.fields import Keys, block_of, element_of, named_fields, stripped
from fixgate.config.hocon import Origin

_FILE = "file:"
_M = TypeVar("_M", bound=BaseModel)


class Secrets:
    """Reads secrets given as `file:/path`, relative paths from the configuration's folder.

    `problems` are files that cannot be read, `warnings` those that others than the owner can read.
    """

    def __init__(self, folder: Path, origins: Mapping[Keys, Origin]) -> None:
        self._folder = folder
        self._origins = origins
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def read(self, annotation: Any, value: object, at: Keys) -> Any:
        """Return `value`, which an annotation describes, with every secret in it read from its file."""
        model = block_of(annotation)
        if model is not None and isinstance(value, dict):
            types = {name: info.annotation for name, _, info in named_fields(model)}
            return {
                key: self.read(types[key], inner, (*at, key)) if key in types else inner
                for key, inner in value.items()
            }
        element = element_of(annotation)
        if element is not None and isinstance(value, list):
            return [self.read(element, inner, (*at, index)) for index, inner in enumerate(value)]
        if element is not None and isinstance(value, dict):
            return {key: self.read(element, inner, (*at, key)) for key, inner in value.items()}
        bare = stripped(annotation)
        is_secret = isinstance(bare, type) and issubclass(bare, SecretStr)
        if is_secret and isinstance(value, str) and value.startswith(_FILE):
            return self._content(value.removeprefix(_FILE), at)
        return value

    def _content(self, name: str, at: Keys) -> str:
        file = self._folder / name
        try:
            mode = file.stat().st_mode
            content = file.read_text("utf-8").rstrip("\r\n")
        except OSError as error:
            return self._refused(at, name, f"the secret's file cannot be read: {error.strerror}")
        except ValueError:
            return self._refused(at, name, "the secret's file must be UTF-8 text")
        if not content:
            return self._refused(at, name, "the secret's file is empty")
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            where = f"{origin_of(at, self._origins)}: {path_text(at)}"
            self.warnings.append(
                f"{where}: others than its owner can read {file} "
                f"(mode {stat.S_IMODE(mode):04o}); chmod 600 it"
            )
        return content

    def _refused(self, at: Keys, name: str, reason: str) -> str:
        origin = str(origin_of(at, self._origins))
        self.problems.append(Problem(origin, path_text(at), f"'{_FILE}{name}'", reason))
        return "unread"


def absolute_paths(block: _M, folder: Path) -> _M:
    """Return a copy of `block` in which every relative path starts at `folder`."""
    update = {name: _absolute(getattr(block, name), folder) for _, name, _ in named_fields(type(block))}
    return block.model_copy(update=update)


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, BaseModel):
        return absolute_paths(value, folder)
    if isinstance(value, tuple):
        return tuple(_absolute(inner, folder) for inner in value)
    return folder / value if isinstance(value, Path) else value
