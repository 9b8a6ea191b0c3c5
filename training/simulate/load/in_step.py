"""One order after another along simulated time, with the service's clock steered to each instant.

Whatever a decision can see was there before it, so the same seed and history give the same run.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

from features.progress import Progress
from training.simulate.channel.registry import Fate
from training.simulate.load.player import Ends, Player, Timed


async def play_in_step(
    player: Player,
    ends: Ends,
    orders: Sequence[Timed],
    fates: Mapping[str, Fate],
    rate: float,
    progress: Progress,
) -> None:
    """Play all orders at up to `rate` a second of real time, then follow up to the end."""
    started = time.monotonic()
    for number, timed in enumerate(orders):
        ahead_s = number / rate - (time.monotonic() - started)
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        await player.reach(timed.at_us)
        played = await player.score(timed, fates[timed.order.order_id])
        if played.was_sent:
            said = await player.submit(played, timed.at_us, ends.channel.next_turn())
            await player.hear(played, said, timed.at_us)
        progress(number + 1, len(orders), "orders")
    await player.finish()
