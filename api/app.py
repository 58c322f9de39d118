"""The application: routes, the outermost door, and the process behind them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata, resources
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

from api import errors
from api.ground_jobs import GroundJobs
from api.guard import Guard
from api.kernels import make_ready
from api.limits import Pace
from api.outgoing import Outgoing
from api.process import Process
from api.refusals import Refusals
from api.routes import (
    accounts,
    areas,
    audit,
    figures,
    grids,
    hand,
    health,
    households,
    incidents,
    limits,
    live,
    me,
    near,
    pages,
    positions,
    quality,
    receipts,
    receivers,
    reports,
    rosters,
    tasks,
    tiles,
    workers,
)
from api.settings import Settings
from api.tile_cache import TileCache
from data.store import Store
from maps.html import csp

log = logging.getLogger(__name__)

DESCRIPTION = "网格: a town's grids, incidents and workers. Positions carry their datum; times carry their offset."


def create_app(settings: Settings) -> FastAPI:
    """Make the application; `settings.database_url` must be set. It connects when it starts to serve."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        outgoing = Outgoing(settings.outgoing_private)
        if settings.kernels:
            await asyncio.to_thread(make_ready, settings.home, log.warning)
        store = Store(url, settings.pool_size)
        jobs = GroundJobs(url, store)
        process = Process(
            store, settings.sweep_seconds, outgoing, jobs, settings.public_url, kernels=settings.kernels
        )
        app.state.process = process
        app.state.tiles = TileCache(store, settings.tile_cache_mb * 1_000_000)
        async with process.running():
            yield

    app = FastAPI(
        title="Wangge",
        summary="A community grid service",
        description=DESCRIPTION,
        version=metadata.version("wangge"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.pace = Pace.of(settings)
    app.state.refusals = Refusals()
    errors.install(app)
    for module in (
        incidents,
        near,
        hand,
        tasks,
        workers,
        positions,
        households,
        grids,
        limits,
        areas,
        me,
        accounts,
        audit,
        rosters,
        live,
        tiles,
        health,
        receipts,
        receivers,
        quality,
        figures,
        reports,
        pages,
    ):
        app.include_router(module.router)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(str(resources.files("maps") / "static"))))
    app.add_middleware(Guard)
    return app


async def _docs() -> Response:
    """Show the OpenAPI document with assets of this server alone."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Wangge API",
        swagger_js_url="/static/vendor/swagger-ui/swagger-ui-bundle.js",
        swagger_css_url="/static/vendor/swagger-ui/swagger-ui.css",
        swagger_favicon_url="/static/icon.svg",
    )
    html = bytes(page.body).decode()
    policy = csp(html).replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    return Response(html, media_type="text/html", headers={"content-security-policy": policy})
