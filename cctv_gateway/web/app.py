"""Puts the web together: routes, guards, errors, headers; one FastAPI application.

What the routes use comes in as `Services`; listening on a port belongs in `server.py`.
"""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute

from cctv_gateway.web import errors, openapi
from cctv_gateway.web.console_files import ConsoleFiles
from cctv_gateway.web.edge import Edge
from cctv_gateway.web.router import guarded_routes
from cctv_gateway.web.routes import (
    admin,
    audit,
    cameras,
    discovery,
    events,
    health,
    login,
    site,
    views,
    whep,
)
from cctv_gateway.web.services import Services

ROUTERS = (
    login.router,
    cameras.router,
    views.router,
    whep.router,
    events.router,
    discovery.router,
    admin.router,
    audit.router,
    health.router,
    # The console's catch-all stands last.
    site.router,
)


def _bare_app() -> FastAPI:
    """All routes, and none of the library's own that would state no right."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for router in ROUTERS:
        app.include_router(router)
    count = sum(1 for _ in guarded_routes(app.routes))
    assert count > len(ROUTERS), "every router brings its routes"
    errors.install(app)
    openapi.install(app)
    return app


def routes_only() -> Sequence[BaseRoute]:
    """The routes without services, for the OpenAPI document."""
    return _bare_app().routes


def create_web(services: Services, console: ConsoleFiles | None = None) -> FastAPI:
    """The application; `console` is the built console, by default the package's own."""
    app = _bare_app()
    app.state.services = services
    app.state.whep_tags = whep.SessionTags()
    app.state.console = ConsoleFiles() if console is None else console
    app.add_middleware(
        Edge, settings=services.settings, clock=services.clock, metrics=services.metrics
    )
    return app
