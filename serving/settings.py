"""What the operator may set, read from the environment once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import PreflightError, suggest
from features.ledger import sqlite_url

RULE_ENGINES = ("compiled", "durable")
_PREFIX = "PREFLIGHT_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service listens, where its data lives, which rule engine answers."""

    host: str = "127.0.0.1"
    port: int = 8000
    home: Path = Path(".preflight")
    rule_engine: str = "compiled"
    ledger: str = ""

    @property
    def address(self) -> str:
        """The address that a person opens."""
        return f"http://{self.host}:{self.port}"

    @property
    def ledger_url(self) -> str:
        """The ledger's database URL; by default a file in `home`."""
        return self.ledger or sqlite_url(self.home.absolute() / "ledger.sqlite")

    @property
    def champion_pointer(self) -> Path:
        """The text file that names the champion's bundle."""
        return self.home / "bundles" / "champion"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read settings from `PREFLIGHT_*` variables.

    Raises PreflightError naming the variable, its value and what it may be.
    """
    defaults = Settings()
    engine = environment.get(f"{_PREFIX}RULE_ENGINE", defaults.rule_engine)
    if engine not in RULE_ENGINES:
        raise PreflightError(
            f"PREFLIGHT_RULE_ENGINE is {engine!r}; it may be {' or '.join(RULE_ENGINES)}."
            f"{suggest(engine, RULE_ENGINES)}"
        )
    return Settings(
        host=environment.get(f"{_PREFIX}HOST", defaults.host),
        port=_port(environment.get(f"{_PREFIX}PORT", str(defaults.port))),
        home=Path(environment.get(f"{_PREFIX}HOME", str(defaults.home))),
        rule_engine=engine,
        ledger=environment.get(f"{_PREFIX}LEDGER_URL", ""),
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535:
        return int(text)
    raise PreflightError(f"PREFLIGHT_PORT is {text!r}; it must be a number from 1 to 65535")
