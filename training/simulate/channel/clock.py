"""The channel's clock: it runs at a speed, or stands until it is moved. It never goes back."""

from collections.abc import Callable


class Clock:
    """Simulated time in microseconds since 1970 UTC.

    >>> clock = Clock(start_us=0, speed=0, seconds=lambda: 5.0)
    >>> clock.move_to(7), clock.move_to(3), clock.now_us()
    (None, None, 7)
    """

    def __init__(self, *, start_us: int, speed: float, seconds: Callable[[], float]) -> None:
        self._base_us = start_us
        self._speed = speed
        self._seconds = seconds
        self._since = seconds()

    @property
    def stands(self) -> bool:
        """Tell whether only `move_to` moves it."""
        return self._speed == 0

    def now_us(self) -> int:
        """Read it."""
        return self._base_us + round((self._seconds() - self._since) * self._speed * 1e6)

    def move_to(self, instant_us: int) -> None:
        """Move it ahead; an earlier instant changes nothing."""
        now = self.now_us()
        if instant_us > now:
            self._base_us += instant_us - now
