"""Starts the API: several workers behind one port, as its team runs it in production."""
import os

import uvicorn

from app.config import settings

if __name__ == "__main__":
    settings()  # says what is missing before any worker starts
    uvicorn.run(
        "app.main:app",
        host="127.0.0.1",
        port=int(os.environ.get("PORT", "8000")),
        workers=int(os.environ.get("WEB_WORKERS", "2")),
        log_config=None,
        access_log=False,
    )
