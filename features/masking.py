"""Reduces card and account numbers, phones and identity numbers to what may be kept."""

import os
import re
import secrets
from collections.abc import Iterator
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
_MIN_LENGTH_FOR_NEAR, _MAX_LENGTH_FOR_NEAR = 8, 34
_NEAR_BYTES = 8


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

    def payee_account(self, number: str) -> dict[str, Any]:
        """Reduce the account of a payee to the fields of `PayeeAccountRef`."""
        return self.account(number) | {"near": self._near(_SEPARATORS.sub("", number))}

    def _near(self, plain: str) -> list[str]:
        """Hash each form of a number in which one digit, or the order of two, is left open.

        Two numbers share such a form exactly when they are equal, differ by one digit, or by two
        neighbouring digits changed over. A short number has none: too many would be near it.
        """
        if not _MIN_LENGTH_FOR_NEAR <= len(plain) <= _MAX_LENGTH_FOR_NEAR or not plain.isascii():
            return []
        keyed = blake2b(b"near\0", key=self._key, digest_size=_NEAR_BYTES)
        found = []
        for form in near_forms(plain):
            one = keyed.copy()
            one.update(form.encode())
            found.append(one.hexdigest())
        return sorted(found)

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


def near_forms(number: str) -> Iterator[str]:
    """Yield a number with one digit left open, then with the order of two neighbours left open.

    Two different numbers share a form exactly when one is the other with one digit replaced, or
    with two neighbouring digits changed over.

    A form is the place, the sorted pair if there is one, and the rest of the number.

    >>> list(near_forms("A121"))
    ['1 A21', '2 A11', '3 A12', '1 12 A1', '2 12 A1']
    """
    for place, sign in enumerate(number):
        if sign.isdigit():
            yield f"{place} {number[:place]}{number[place + 1 :]}"
    for place in range(len(number) - 1):
        pair = number[place : place + 2]
        if pair.isdigit() and pair[0] != pair[1]:
            yield f"{place} {min(pair)}{max(pair)} {number[:place]}{number[place + 2 :]}"


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
