"""The service book in PostgreSQL. Migrations only add, so that the version before still reads what this one writes."""
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import ConnectionPool

UP = """
CREATE SCHEMA IF NOT EXISTS book;
CREATE TABLE IF NOT EXISTS book.vehicles (id text PRIMARY KEY, vin text NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS book.entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vehicle text NOT NULL REFERENCES book.vehicles,
  km integer NOT NULL CHECK (km >= 0),
  work text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO book.vehicles VALUES ('test-vehicle', 'WDB12345678901234') ON CONFLICT DO NOTHING;
"""


class Book:
    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool(url, min_size=1, max_size=5, timeout=2, open=False)

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def problem(self) -> str | None:
        """Why the database does not answer, or None. Not the schema: instances start before the release migrates it."""
        try:
            with self._cursor() as cursor:
                cursor.execute("SELECT 1")
            return None
        except psycopg.Error as error:
            return f"the database does not answer: {type(error).__name__}"

    def vehicle(self, vehicle: str) -> dict | None:
        with self._cursor() as cursor:
            cursor.execute("SELECT id, vin FROM book.vehicles WHERE id = %s", (vehicle,))
            row = cursor.fetchone()
            if row is None:
                return None
            cursor.execute("SELECT km, work, at FROM book.entries WHERE vehicle = %s ORDER BY id", (vehicle,))
            entries = [{"km": km, "work": work, "at": at.isoformat()} for km, work, at in cursor.fetchall()]
            return {"id": row[0], "vin": row[1], "entries": entries, "km": entries[-1]["km"] if entries else None}

    def add(self, vehicle: str, km: int, work: str) -> None:
        with self._cursor() as cursor:
            cursor.execute("INSERT INTO book.entries (vehicle, km, work) VALUES (%s, %s, %s)", (vehicle, km, work))

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor]:
        with self._pool.connection() as connection, connection.cursor() as cursor:
            yield cursor


def migrate(url: str) -> None:
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.execute(UP)
