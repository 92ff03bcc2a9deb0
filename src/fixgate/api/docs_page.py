"""The page at `/docs`: the OpenAPI document as HTML, without scripts or anything from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fixgate.model.exact_json import pretty

_STYLE = """
body { color: #1b1f24; font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; text-transform: capitalize }
details { border: 1px solid #d0d7de; border-radius: 6px; margin: .5rem 0; padding: .5rem 1rem }
summary { cursor: pointer } summary code { font-weight: 600 }
summary b { display: inline-block; min-width: 4.5rem } .get { color: #0550ae } .post { color: #116329 }
.delete { color: #a40e26 } table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #d0d7de; padding: .3rem .6rem; text-align: left; vertical-align: top }
pre { background: #f6f8fa; border-radius: 6px; overflow-x: auto; padding: .8rem }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } pre { background: #161b22 }
details, td, th { border-color: #30363d } .get { color: #79c0ff } .post { color: #7ee787 }
.delete { color: #ff7b72 } a { color: #79c0ff } }
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(info['title'])}</h1><p>Version {escape(info['version'])}, "
            '<a href="/openapi.json">OpenAPI document</a></p>',
            *(f"<p>{_prose(part)}</p>" for part in info["description"].split("\n\n")),
            *_groups(document["paths"]),
            "<h2>Error codes</h2><table><tr><th>Code</th><th>Status</th></tr>",
            *(
                f"<tr><td><code>{escape(code)}</code></td><td>{status}</td></tr>"
                for code, status in document["x-error-codes"].items()
            ),
            "</table></body></html>",
        ]
    )


def _groups(paths: Mapping[str, Any]) -> Iterator[str]:
    tag = ""
    for path, methods in paths.items():
        for method, operation in methods.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                yield f"<h2>{escape(tag)}</h2>"
            yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f'<details><summary><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{escape(operation['summary'])}</summary><p>{_prose(operation.get('description', ''))}</p>"
    )
    rows = [
        (row["name"], row["in"], row["required"], row["schema"], row["description"])
        for row in operation.get("parameters", [])
    ]
    body: Mapping[str, Any] = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
    schema = body.get("schema", {})
    for name, inner in schema.get("properties", {}).items():
        rows.append((name, "body", name in schema["required"], inner, inner["description"]))
    if rows:
        yield "<table><tr><th>Name</th><th>In</th><th>Required</th><th>Type</th><th>What</th></tr>"
        for name, where, required, kind, about in rows:
            yield (
                f"<tr><td><code>{escape(name)}</code></td><td>{where}</td>"
                f"<td>{'yes' if required else ''}</td><td>{escape(_type(kind))}</td>"
                f"<td>{_prose(about)}</td></tr>"
            )
        yield "</table>"
    yield from _examples("Request", body)
    for status, response in operation["responses"].items():
        yield f"<p><b>{status}</b> {_prose(response['description'])}</p>"
        for content in response["content"].values():
            yield from _examples(f"Answer {status}", content)
    yield "</details>"


def _prose(text: str) -> str:
    """Return text with what stands in backticks as code."""
    parts = enumerate(text.split("`"))
    return "".join(f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in parts)


def _type(schema: Mapping[str, Any]) -> str:
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    words = schema.get("enum", kinds)
    return ", ".join(str(word) for word in words if word not in (None, "null"))


def _examples(what: str, content: Mapping[str, Any]) -> Iterator[str]:
    for title, example in content.get("examples", {}).items():
        name = "" if title == "Example" else f": {escape(title)}"
        yield f"<p>{what}{name}</p><pre>{escape(pretty(example['value']))}</pre>"
