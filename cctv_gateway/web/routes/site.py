"""The console's files, the OpenAPI document, and a plain page that lists the operations.

Nothing here comes from another site: the networks that use this are closed.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.convertors import Convertor, register_url_convertor

from cctv_gateway.web.console_files import ConsoleFile, ConsoleFiles, is_screen
from cctv_gateway.web.errors import not_found
from cctv_gateway.web.rights import PUBLIC, needs
from cctv_gateway.web.router import GuardedRouter

router = GuardedRouter(include_in_schema=False)

NOT_BUILT = """<!doctype html>
<html lang="ko"><meta charset="utf-8"><title>CCTV sharing gateway</title>
<h1>The console is not built yet</h1>
<p>Run <code>make setup</code> in the project's folder, then start the gateway again.
The HTTP interface works without it: <a href="/docs">/docs</a>.</p>
<h1>관제 화면이 아직 빌드되지 않았습니다</h1>
<p>프로젝트 폴더에서 <code>make setup</code>을 실행한 뒤 게이트웨이를 다시 시작해 주세요.</p>
</html>
"""


class _ConsolePath(Convertor[str]):
    """Every path that is not the API's, so that those answer 404 and 405 themselves."""

    regex = r"(?!(?:api|whep)(?:/|$)).*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("console", _ConsolePath())


@router.get("/openapi.json")
@needs(PUBLIC)
async def openapi(request: Request) -> JSONResponse:
    """This interface as OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
@needs(PUBLIC)
async def docs(request: Request) -> HTMLResponse:
    """The operations as a plain page."""
    return HTMLResponse("".join(_page(request.app.openapi())))


def _page(document: dict[str, Any]) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield f"<h1>{title}</h1><p>{escape(document['info']['description'])}</p>"
    yield '<p><a href="/openapi.json">openapi.json</a></p><table border="1" cellpadding="6">'
    yield "<tr><th>Method</th><th>Path</th><th>Right</th><th>What it does</th></tr>"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _row(method.upper(), path, operation)
    yield "</table></html>"


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    texts = (method, path, operation["x-right"], operation.get("description", ""))
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in texts) + "</tr>"


@router.api_route("/{path:console}", methods=["GET", "HEAD"])
@needs(PUBLIC)
async def console(path: str, request: Request) -> Response:
    """A file of the console, or the console itself for its own screens."""
    files = request.app.state.console
    assert isinstance(files, ConsoleFiles), "create_web puts them there"
    found = files.find(path)
    if not files.is_built and is_screen(path):
        return HTMLResponse(NOT_BUILT, 503)
    if found is None:
        raise not_found()
    return _file(request, found)


def _file(request: Request, file: ConsoleFile) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match") == file.etag:
        return Response(status_code=304, headers=headers)
    body = file.body
    if "gzip" in request.headers.get("Accept-Encoding", "") and file.gzipped is not None:
        body, headers["Content-Encoding"] = file.gzipped, "gzip"
    return Response(body, headers=headers, media_type=file.media_type)
