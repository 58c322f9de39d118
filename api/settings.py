"""Settings from the environment (`WANGGE_…`). A town's rules are rows, not settings."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the database is and how the server listens."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_")

    database_url: SecretStr | None = None
    """Login of the server, `postgresql+asyncpg://…`: a member of wangge_app and wangge_dispatcher, no owner.
    None: the private cluster under `home`."""
    owner_database_url: SecretStr | None = None
    """Login that owns the tables, for migrations and loading only. None: the private cluster's."""
    home: Path = Path("var")
    """Where the private cluster keeps its port and passwords, and where logs go."""
    pool_size: int = Field(default=12, ge=4, le=100)
    """Connections to keep for each of the two roles. The loops alone hold two of them now and then."""
    sweep_seconds: float = Field(default=1.0, gt=0)
    """How often waiting incidents and offers that ran out are looked at, besides at every change."""
    secure_cookies: bool = False
    """Send cookies over TLS only; set it wherever the server is reached from other machines."""
    boot_started: float | None = None
    boot_download: float | None = None
    """Unix time at which `./wangge` began and the seconds it spent downloading; it sets them itself."""
