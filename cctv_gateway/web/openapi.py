"""Makes the OpenAPI document; `python -m cctv_gateway.web.openapi` prints it.

The console's client is generated from the printed file, and a test proves that it is current.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.schemas import Problem
from cctv_gateway.web.schemas_events import EVENTS

TITLE = "CCTV sharing gateway"
DESCRIPTION = """\
Live video of a city's cameras, under a purpose and on record.

Log in with `POST /api/login`; the cookie it sets opens everything else. Each change also needs the
header `X-CSRF-Token` with the value that `Me` tells. `x-right` names the right of each operation.
Every error is a `Problem` (`application/problem+json`).
"""
# Raised with a change that breaks a client; the package has its own version.
API_VERSION = "1"


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    made = get_openapi(title=TITLE, version=API_VERSION, description=DESCRIPTION, routes=routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_extra_schemas())
    for operation in _operations(made):
        _name_validation_problem(operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return made


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in made["paths"].values():
        yield from methods.values()


def _name_validation_problem(operation: dict[str, Any]) -> None:
    """The library describes its own 422; ours is a problem like any other."""
    found = operation["responses"].get("422")
    if found is not None and "application/json" in found.get("content", {}):
        operation["responses"]["422"] = problems(422)[422]


def _extra_schemas() -> dict[str, Any]:
    models = [(model, "serialization") for model in (Problem, *EVENTS.values())]
    _, found = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return dict(found["$defs"])


def install(app: FastAPI) -> None:
    """Make `app.openapi()` give this document, made once."""

    def cached() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app.routes)
        return app.openapi_schema

    app.openapi = cached  # type: ignore[method-assign]


def text() -> str:
    """The document as it is kept beside the console's sources."""
    from cctv_gateway.web.app import routes_only

    return json.dumps(document(routes_only()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
