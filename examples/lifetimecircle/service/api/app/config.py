"""What the service is told by its environment. Values are never printed."""
import json
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SECRET_LENGTH_MIN = 32


@dataclass(frozen=True)
class Settings:
    database_url: str
    secret_key: bytes
    version: str
    fault: str | None
    slot: str


@lru_cache(maxsize=1)
def settings() -> Settings:
    missing = [name for name in ("DATABASE_URL", "LTC_SECRET_KEY") if not os.environ.get(name)]
    if missing:
        sys.exit(f"cannot start: {', '.join(missing)} must be set")
    secret = os.environ["LTC_SECRET_KEY"].encode()
    if len(secret) < SECRET_LENGTH_MIN:
        sys.exit(f"cannot start: LTC_SECRET_KEY has fewer than {SECRET_LENGTH_MIN} characters")
    build = json.loads((Path(__file__).parent.parent / "build.json").read_text())
    return Settings(
        database_url=os.environ["DATABASE_URL"],
        secret_key=secret,
        version=build["version"],
        fault=build["fault"],
        slot=os.environ.get("STELLWERK_SLOT", ""),
    )
