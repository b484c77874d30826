"""For machines that watch the gateway: is it alive, is it ready, what are its numbers.

The numbers are collected in `web/metrics.py`.
"""

from fastapi import Response

from cctv_gateway.web.openapi_parts import problems
from cctv_gateway.web.rights import LOCAL, PUBLIC, needs
from cctv_gateway.web.router import GuardedRouter
from cctv_gateway.web.schemas_admin import Health
from cctv_gateway.web.services import Use

router = GuardedRouter(tags=["health"])

PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", operation_id="healthz")
@needs(PUBLIC)
async def healthz() -> Health:
    """The process lives and its loop turns."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="readyz",
    responses={503: {"model": Health, "description": "Something is not ready yet"}},
)
@needs(PUBLIC)
async def readyz(use: Use, response: Response) -> Health:
    """Database, configuration and relay are ready to serve views."""
    checks = dict(use.ready())
    ready = all(checks.values())
    response.status_code = 200 if ready else 503
    return Health(status="ok" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(404)},
)
@needs(LOCAL)
async def metrics(use: Use) -> Response:
    """Prometheus text; from this machine, or with the metrics token as bearer."""
    use.metrics.views.set(len(use.views.views()))
    use.metrics.streams.set(len(use.events))
    return Response(use.metrics.text(), headers={"Content-Type": PROMETHEUS_TEXT})
