"""The `/ws` messages as an OpenAPI document: `python -m signaling.schema` prints it.

The browser's TypeScript types are generated from it. Beside every model there are three names a
client starts from: `ClientRequest` and `ServerMessage` (unions told apart by `type`), and
`Results`, which maps a request's `type` to the model of its reply's `result`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from signaling.messages import AnyRequest, Request, ServerMessage

REQUESTS: tuple[type[Request], ...] = get_args(get_args(AnyRequest)[0])


class _Generator(GenerateJsonSchema):
    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Leave the default out: generators take it as "always there", a request may omit it."""
        return self.generate_inner(schema["schema"])


def document() -> dict[str, Any]:
    """OpenAPI 3.1. What a client sends is as it is validated (fields with a default are optional),
    what it receives is as it is serialized (all fields are there)."""
    unions, definitions = TypeAdapter.json_schemas(
        [
            ("ClientRequest", "validation", TypeAdapter(AnyRequest)),
            ("ServerMessage", "serialization", TypeAdapter(ServerMessage)),
            *((name, "serialization", TypeAdapter(model)) for name, model in _results().items()),
        ],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Generator,
    )
    schemas = dict(definitions["$defs"])
    schemas["ClientRequest"] = unions["ClientRequest", "validation"]
    schemas["ServerMessage"] = unions["ServerMessage", "serialization"]
    references = {name: unions[name, "serialization"] for name in _results()}
    schemas["Results"] = {
        "type": "object",
        "properties": references,
        "required": list(references),
        "description": "The `result` of a reply, by the `type` of its request.",
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tertulia signaling", "version": version("tertulia")},
        "paths": {},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _results() -> dict[str, type]:
    return {_type_of(request): request.result for request in REQUESTS}


def _type_of(request: type[Request]) -> str:
    (name,) = get_args(request.model_fields["type"].annotation)
    return str(name)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2) + "\n")
