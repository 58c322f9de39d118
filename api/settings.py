"""Settings from the environment (`WANGGE_…`). A town's rules are rows, not settings."""

import re
from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACE = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(/\d{1,3})?")


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
    tile_cache_mb: int = Field(default=64, ge=0, le=4096)
    """Most memory of one process for tiles that were drawn already; 0: every tile is drawn anew."""
    sweep_seconds: float = Field(default=1.0, gt=0)
    """How often waiting incidents and offers that ran out are looked at, besides at every change."""
    secure_cookies: bool = False
    """Send cookies over TLS only; set it wherever the server is reached from other machines."""
    trusted_proxies: str = ""
    """Addresses and networks, by commas, of proxies whose `X-Forwarded-For` and `-Proto` are believed."""
    rate_per_second: float = Field(default=50, gt=0)
    rate_burst: int = Field(default=500, ge=1)
    """How many requests of one account are taken in the long run, and how many at once."""
    anonymous_rate_per_second: float = Field(default=20, gt=0)
    anonymous_burst: int = Field(default=100, ge=1)
    """The same for requests that nobody is signed in for, by address."""
    outgoing_private: str = ""
    """Hosts, addresses and networks of the town's own, by commas, to which notices may go; any other must be public."""
    kernels: bool = True
    """Locate points by compiled kernels; without them by library code, slower, with the same answers: where numba or
    the seconds it takes to load are not wanted."""
    public_url: str = ""
    """Where people reach this server, such as `https://grid.example`: links in notices begin with it."""
    boot_started: float | None = None
    boot_download: float | None = None
    """Unix time at which `./wangge` began and the seconds it spent downloading; it sets them itself."""

    @field_validator("database_url", "owner_database_url", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        """Take an empty address for none: that is how a shell or a compose file leaves one out."""
        return None if isinstance(given, str) and not given.strip() else given

    @field_validator("outgoing_private")
    @classmethod
    def _are_hosts(cls, given: str) -> str:
        """Refuse what could be no host, no address and no network: it would silently allow nothing."""
        parts = [part.strip() for part in given.split(",") if part.strip()]
        wrong = [part for part in parts if not PLACE.fullmatch(part)]
        if wrong:
            raise ValueError(f"neither host nor network: {len(wrong)} of {len(parts)}")
        return ",".join(str(ip_network(part)) if "/" in part else part for part in parts)

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        """Refuse what is no address of a server."""
        if given and not re.fullmatch(r"https?://[^\s?#]+", given):
            raise ValueError("not an address that begins with http:// or https://")
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        """Refuse what is no address and no network: it would silently be trusted never, or always."""
        return ",".join(str(ip_network(part.strip())) for part in given.split(",") if part.strip())
