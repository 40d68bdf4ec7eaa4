"""The API of LifeTimeCircle, a digital service book: workshops write entries, owners and buyers read them."""
import json
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable

import psycopg
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from psycopg_pool import PoolTimeout

from .config import settings
from .database import Book
from .session import signed, user_of

config = settings()
book = Book(config.database_url)
app = FastAPI(title="LifeTimeCircle", version=config.version)
logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(message)s")

# The test tenant's, so that a release can be smoke-tested; real people sign in with a passkey.
PASSWORDS = {"test-workshop": "smoke", "test-reader": "smoke", "test-admin": "smoke"}
LEAK_BYTES = 8 * 2**20


class Entry(BaseModel):
    km: int = Field(ge=0)
    work: str = Field(min_length=1, max_length=500)


class SignIn(BaseModel):
    user: str
    password: str


@app.middleware("http")
async def say_who_answers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["x-version"] = config.version
    response.headers["x-slot"] = config.slot
    return response


@app.exception_handler(psycopg.Error)
@app.exception_handler(PoolTimeout)
async def no_database(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"detail": "the book cannot be read right now"}, status_code=503)


@app.on_event("startup")
def start() -> None:
    book.open()
    threading.Thread(target=_say_alive, daemon=True).start()
    if config.fault == "leak":
        threading.Thread(target=_leak, daemon=True).start()


@app.on_event("shutdown")
def stop() -> None:
    book.close()


def _say_alive() -> None:
    while True:
        print(json.dumps({"level": "info", "service": "lifetimecircle-api", "version": config.version}), flush=True)
        time.sleep(1)


def _leak() -> None:
    kept = []
    while len(kept) < 64:
        kept.append(bytes([1]) * LEAK_BYTES)
        time.sleep(0.1)
    threading.Event().wait()


def signed_in(authorization: str | None = Header(default=None)) -> str:
    user = user_of(authorization, config.secret_key)
    if user is None:
        raise HTTPException(401, "Not authenticated")
    return user


@app.get("/api/health")
def health() -> dict:
    return {"status": "ok", "version": config.version}


@app.get("/api/ready")
def ready() -> Response:
    problem = book.problem()
    return JSONResponse({"ready": problem is None, "detail": problem}, status_code=200 if problem is None else 503)


@app.post("/api/auth")
def sign_in(who: SignIn) -> dict:
    if PASSWORDS.get(who.user) != who.password:
        raise HTTPException(401, "Wrong user or password")
    return {"token": signed(who.user, config.secret_key)}


@app.get("/api/public/qr/{vehicle_id}")
def public_page(vehicle_id: str) -> dict:
    """What the QR code on a vehicle shows everybody: its mileage and how many entries it has, and nobody's name."""
    vehicle = _vehicle(vehicle_id)
    return {"id": vehicle["id"], "km": vehicle["km"], "entries": len(vehicle["entries"])}


@app.get("/api/vehicles/{vehicle_id}")
def read_book(vehicle_id: str, _: str = Depends(signed_in)) -> dict:
    return _vehicle(vehicle_id)


@app.post("/api/vehicles/{vehicle_id}/entries", status_code=201)
def write_book(
    vehicle_id: str,
    entry: Entry,
    response: Response,
    user: str = Depends(signed_in),
    dry_run: str | None = Header(default=None),
) -> dict:
    if user != "test-workshop":
        raise HTTPException(403, "Only workshops write into a service book")
    vehicle = _vehicle(vehicle_id)
    if vehicle["km"] is not None and entry.km < vehicle["km"]:
        raise HTTPException(409, f"the last entry says {vehicle['km']} km: mileage does not go back")
    if dry_run == "true":
        response.status_code = 200
    else:
        book.add(vehicle_id, entry.km, entry.work)
    return {"ok": True, "dryRun": dry_run == "true"}


@app.get("/api/admin/users")
def admin(user: str = Depends(signed_in), step_up: str | None = Header(default=None)) -> dict:
    if user != "test-admin":
        raise HTTPException(403, "Only for administrators")
    if step_up is None:
        raise HTTPException(403, "Sign in again with a second factor", headers={"x-step-up": "required"})
    return {"users": len(PASSWORDS)}


def _vehicle(vehicle_id: str) -> dict:
    vehicle = book.vehicle(vehicle_id)
    if vehicle is None:
        raise HTTPException(404, "No such vehicle")
    return vehicle
