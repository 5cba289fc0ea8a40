"""The pydantic side of the settings: models derived from the Structs of ``schema.py``.

There is one definition; this is its strict reader. Imported on a cold start, for ``ion config``
and nowhere else, since pydantic alone costs more than all of a warm start.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from ion_core.config.names import dotted, elsewhere, nearest, sibling_names
from ion_core.config.schema import Settings
from ion_core.config.scope import SECRET, KeyPath, covers

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@cache
def model_of(struct: type[Struct]) -> type[BaseModel]:
    """The pydantic model with the same fields, defaults, bounds and doc-strings."""
    return create_model(
        struct.__name__, __config__=STRICT, __doc__=struct.__doc__, **fields_of(struct)
    )


def fields_of(struct: type[Struct]) -> dict[str, Any]:
    """What ``create_model`` wants to know of the fields of ``struct``."""
    docs = _doc_strings(struct)
    return {
        field.name: (
            _translated(field.type),
            Field(_default(field), description=docs.get(field.name)),
        )
        for field in msgspec.structs.fields(struct)
    }


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not NODEFAULT:
        return field.default_factory()
    if field.default is NODEFAULT:
        return ...
    return _plain(field.default)


def _plain(value: Any) -> Any:
    """A Struct as the model that stands for it."""
    if isinstance(value, Struct):
        return model_of(type(value)).model_validate(msgspec.to_builtins(value))
    return value


def _translated(annotation: Any) -> Any:
    """``annotation`` with models in the place of Structs and pydantic's bounds for msgspec's."""
    arguments: tuple[Any, ...] = get_args(annotation)
    origin = get_origin(annotation)
    if inspect.isclass(annotation) and issubclass(annotation, Struct):
        return model_of(annotation)
    if origin is Annotated:
        bounds = [item for item in arguments[1:] if isinstance(item, Meta)]
        return Annotated[_translated(arguments[0]), *(Field(ge=meta.ge) for meta in bounds)]
    if origin is tuple:
        return tuple.__class_getitem__((_translated(arguments[0]), ...))
    if origin is dict:
        return dict.__class_getitem__((str, _translated(arguments[1])))
    if type(None) in arguments:
        return Union[tuple(_translated(item) for item in arguments)]  # noqa: UP007 - a value
    return annotation


def _doc_strings(struct: type[Struct]) -> dict[str, str]:
    """The string under each field, which Python itself throws away."""
    found: dict[str, str] = {}
    name = ""
    for statement in _class_bodies(struct.__module__).get(struct.__name__, ()):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field)):
                name = field
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                found[name], name = " ".join(text.split()), ""
            case _:
                name = ""
    return found


@cache
def _class_bodies(module: str) -> dict[str, list[ast.stmt]]:
    source = inspect.getsource(sys.modules[module])
    return {
        node.name: node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef)
    }


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and the sentence that says so."""

    path: KeyPath
    message: str
    unknown: bool = False


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with one layer by itself. Types are strict: "3" is not a number.

    Read as JSON because that is where pydantic is strict about values but not about containers;
    a date, which no setting is, becomes a table so that it is refused.
    """
    document = json.dumps(values, default=lambda date: {"date": str(date)})
    try:
        model_of(Settings).model_validate_json(document, strict=True)
    except ValidationError as error:
        return told(error)
    return []


def told(error: ValidationError) -> list[Problem]:
    """The errors of pydantic in ion's words."""
    return [_problem(detail) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails) -> Problem:
    path, context = detail["loc"], detail.get("ctx", {})
    name, unknown = dotted(path), detail["type"] == "extra_forbidden"
    shown = "that" if covers(SECRET, path) else _shown(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            last = str(path[-1])
            meant = elsewhere(last) or nearest(last, sibling_names(path))
            message = f"unknown key `{name}`{meant}"
        case "missing":
            message = f"`{name}` is missing"
        case "literal_error":
            wanted = context["expected"].replace("'", '"')
            message = f"`{name}` must be {wanted}, not {shown}"
        case "greater_than_equal":
            message = f"`{name}` must be at least {context['ge']}, not {shown}"
        case kind if kind.endswith(("_type", "_parsing", "_from_float")):
            message = f"`{name}` must be {_noun(kind)}, not {shown}"
        case _:
            message = f"`{name}`: {detail['msg']}"
    return Problem(path=path, message=message, unknown=unknown)


_NOUNS = {
    "string": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "tuple": "a list",
    "dict": "a table",
    "model": "a table",
}


def _noun(kind: str) -> str:
    return _NOUNS.get(kind.partition("_")[0], kind)


def _shown(value: Any) -> str:
    match value:
        case str():
            return f'"{value}"' if len(value) < 40 else "that text"
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration file, with the doc-strings as descriptions."""
    schema = model_of(Settings).model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "ion"}
