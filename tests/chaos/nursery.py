"""What every server of a herd needs is imported here once; each of them then is a child of this process."""

import gc

import uvicorn.loops.uvloop
import uvicorn.protocols.http.httptools_impl

import api.protocol
import tests.support.racing_server

gc.collect()
gc.freeze()  # else each child walks, and so copies, all of it

__all__ = ["api", "tests", "uvicorn"]
