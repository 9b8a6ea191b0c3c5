"""The page of test numbers says what the code does."""

import re
from pathlib import Path

from rules.packs import load_packs
from training.simulate.channel.kinds import MAGIC_AMOUNTS_MINOR, MAGIC_IDS, Kind
from training.simulate.channel.script import read_script
from training.simulate.channel.sheet import AnswerSheet

PAGE = Path(__file__).parents[2] / "docs" / "channels-simulated.md"
CHANNELS = ("jd_pay", "lakala_payout", "generic")


def test_the_page_lists_every_test_number_with_its_codes() -> None:
    text, packs = PAGE.read_text(encoding="utf-8"), load_packs()
    rows = {row[0]: row for row in re.findall(r"^\| (\d{8}) \| `(\w+)` \| (.+) \|$", text, re.M)}
    assert set(rows) == {str(amount) for amount in MAGIC_AMOUNTS_MINOR}
    for amount, magic in MAGIC_AMOUNTS_MINOR.items():
        _, name, rest = rows[str(amount)]
        assert MAGIC_IDS[name] == magic
        if isinstance(magic, Kind):
            codes = re.findall(r"`([^`]+)`", rest)
            assert codes == [AnswerSheet(packs[channel]).code_of(magic) for channel in CHANNELS]


def test_the_pages_script_is_a_script(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    file = tmp_path / "script.yaml"
    file.write_text(block[1], encoding="utf-8")
    assert len(read_script(file).steps) == 3
