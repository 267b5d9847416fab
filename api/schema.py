"""`python -m api.schema` prints the HTTP models as an OpenAPI 3.1 document.

The web client generates its types from it.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core.core_schema import WithDefaultSchema

from api.models import REQUESTS, RESPONSES


class _Generator(GenerateJsonSchema):
    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Leave the default out: generators take it as "always there", a request may omit it."""
        return self.generate_inner(schema["schema"])


def document() -> dict[str, object]:
    """Responses are described as sent: a field with a default is always there."""
    modes: list[tuple[type, JsonSchemaMode]] = [
        *((model, "validation") for model in REQUESTS),
        *((model, "serialization") for model in RESPONSES),
    ]
    _, schemas = models_json_schema(
        modes, ref_template="#/components/schemas/{model}", schema_generator=_Generator
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tertulia", "version": version("tertulia")},
        "paths": {},
        "components": {"schemas": schemas["$defs"]},
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")
