"""Expand migrations, run by the release before the candidate takes traffic. Run twice, nothing changes."""
from app.config import settings
from app.database import migrate

if __name__ == "__main__":
    migrate(settings().database_url)
    print("the schema is up to date")
