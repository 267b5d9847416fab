"""`python -m api.schema` prints the HTTP models as an OpenAPI 3.1 document.

The web client generates its types from it.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.models import REQUESTS, RESPONSES


def document() -> dict[str, object]:
    """Responses are described as sent: a field with a default is always there."""
    modes: list[tuple[type, JsonSchemaMode]] = [
        *((model, "validation") for model in REQUESTS),
        *((model, "serialization") for model in RESPONSES),
    ]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tertulia", "version": version("tertulia")},
        "paths": {},
        "components": {"schemas": schemas["$defs"]},
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")
