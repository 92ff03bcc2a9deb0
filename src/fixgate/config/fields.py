"""What a model of settings is made of: its fields by the names that files use, secrets and blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands at some path of a model: the annotation of its value and the field's description."""

    annotation: Any
    description: str = ""


def named_fields(model: type[BaseModel]) -> Iterator[tuple[str, str, FieldInfo]]:
    """Yield each field: its name in files, its name in Python, and what pydantic knows of it."""
    for name, info in model.model_fields.items():
        yield info.alias or name, name, info


def stripped(annotation: Any) -> Any:
    """Return an annotation without `Annotated[...]` and without `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            options = [option for option in get_args(annotation) if option is not NoneType]
            if len(options) != 1:
                return annotation
            annotation = options[0]
        else:
            return annotation


def block_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation stands for, if it is one."""
    bare = stripped(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def element_of(annotation: Any) -> Any:
    """Return the annotation of a list's elements or a map's values; `None` for anything else."""
    bare = stripped(annotation)
    kind = get_origin(bare)
    if kind in (tuple, list):
        return get_args(bare)[0]
    return get_args(bare)[1] if kind is dict else None


def holds_secret(annotation: Any) -> bool:
    """True when a value of this type is a secret or has one inside."""
    if (model := block_of(annotation)) is not None:
        return any(holds_secret(info.annotation) for _, _, info in named_fields(model))
    if (element := element_of(annotation)) is not None:
        return holds_secret(element)
    bare = stripped(annotation)
    return isinstance(bare, type) and issubclass(bare, SecretStr)


def at_path(model: type[BaseModel], keys: Keys) -> Shape | None:
    """Return what stands at `keys` below `model`, `None` where nothing known does."""
    shape = Shape(model)
    for key in keys:
        inner = block_of(shape.annotation)
        if inner is not None:
            found = next((info for name, _, info in named_fields(inner) if name == key), None)
            if found is None:
                return None
            shape = Shape(found.annotation, found.description or "")
        elif (element := element_of(shape.annotation)) is not None:
            shape = Shape(element, shape.description)
        else:
            return None
    return shape


def known_keys(model: type[BaseModel], keys: Keys) -> list[str]:
    """Return the names of the settings in the block at `keys` below `model`."""
    shape = at_path(model, keys)
    block = block_of(shape.annotation) if shape else None
    return [name for name, _, _ in named_fields(block)] if block else []
