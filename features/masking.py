"""Reduces card and account numbers, phones and identity numbers to what may be kept."""

import os
import re
import secrets
from hashlib import blake2b
from pathlib import Path
from typing import Any

from stdnum import luhn

from features.errors import PreflightError

_SECRET_NAME = re.compile(
    r"card|pan\b|account|acct|phone|mobile|id_?no|identity|卡|账号|手机|电话|身份"
)
_KEY_BYTES = 32
_SEPARATORS = re.compile(r"[\s\-]+")
_LONG_DIGITS = re.compile(r"\d(?:[ \-]?\d){10,}")
_MIN_DIGITS_FOR_BIN = 13
_MIN_LENGTH_FOR_LAST4 = 10


class Masker:
    """Turns secret numbers into stable references under one secret key.

    >>> Masker(b"k" * 32).account("6222 0200 0000 1234")["last4"]
    '1234'
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, purpose: str, text: str) -> str:
        """Hash `text` under the key: 32 hex digits, different for each purpose."""
        return blake2b(f"{purpose}\0{text}".encode(), key=self._key, digest_size=16).hexdigest()

    def account(self, number: str) -> dict[str, Any]:
        """Reduce a card or account number to the fields of `AccountRef`."""
        plain = _SEPARATORS.sub("", number)
        digits = plain.isascii() and plain.isdigit()
        reduced: dict[str, Any] = {
            "hash": self.digest("account", plain),
            "length": len(plain),
            "all_digits": digits,
        }
        if len(plain) >= _MIN_LENGTH_FOR_LAST4:
            reduced["last4"] = plain[-4:]
        if digits:
            reduced["luhn_valid"] = bool(luhn.is_valid(plain))
            if len(plain) >= _MIN_DIGITS_FOR_BIN:
                reduced["bin"] = plain[:6]
        return reduced

    def phone(self, number: str) -> dict[str, Any]:
        """Reduce a phone number to the fields of `PhoneRef`."""
        plain = _SEPARATORS.sub("", number)
        reduced = {"hash": self.digest("phone", plain)}
        if len(plain) >= _MIN_LENGTH_FOR_LAST4:
            reduced["last4"] = plain[-4:]
        return reduced

    def email(self, address: str) -> str:
        """Hash an e-mail address, regardless of case."""
        return self.digest("email", address.strip().casefold())

    def identity(self, number: str) -> str:
        """Hash an identity number, regardless of case and spacing."""
        return self.digest("identity", _SEPARATORS.sub("", number).upper())


def load_or_make_key(home: Path) -> bytes:
    """Read the secret key of a data folder; make one (mode 0600) at first use.

    Raises PreflightError when the key file is there but is not a key.
    """
    path = home / "secret.key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(_KEY_BYTES)
        file.write(key)
    return key


def _read_key(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise PreflightError(
            f"{path} holds {len(key)} bytes, but a key has {_KEY_BYTES}: "
            "restore it from a backup, or remove it to start anew (old references then match none)"
        )
    return key


def mask_digits(text: str) -> str:
    """Shorten every long run of digits, as in a card or phone number, to its last four.

    >>> mask_digits("card 6222020000001234 refused, code 4001")
    'card …1234 refused, code 4001'
    """
    return _LONG_DIGITS.sub(lambda match: f"…{match[0][-4:]}", text)


def looks_secret(name: str, value: object) -> bool:
    """Tell whether a free field by its name and length holds a number that must not be kept whole.

    >>> looks_secret("card_no", "6222021234567894"), looks_secret("card_type", "visa")
    (True, False)
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return bool(_SECRET_NAME.search(name.casefold()) and _LONG_DIGITS.search(str(value)))
