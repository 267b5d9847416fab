"""`python -m api.schema` prints the OpenAPI document; the client's types are made from it."""

from __future__ import annotations

import json
import sys

from api.openapi import document
from api.resources import OPERATIONS

if __name__ == "__main__":
    json.dump(document(OPERATIONS), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")
