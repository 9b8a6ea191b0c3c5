"""Commands about the channel packs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from features.errors import LedgerError, RuleError
from features.times import from_us, now_us, to_us
from rules.channel_facts import CHANNEL_FACTS
from rules.cli_holds import start, stop
from rules.cli_lists import By
from rules.cli_printing import AsJson, print_json
from rules.cli_releases import add_life, check_draft, desk_of, print_diff
from rules.pack import Pack
from rules.pack_file import PackFact
from rules.pack_sources import load_sources, source_faults
from rules.packs import Packs, load_pack, load_packs
from rules.releases.kinds import PACKS
from rules.releases.loading import packs_in_force

channels_app = typer.Typer(help="List, compare and check the channel packs.", no_args_is_help=True)
channels_app.command("stop")(stop)
channels_app.command("start")(start)
add_life(channels_app, "channels", besides=("check", "diff"))

PackFolder = Annotated[
    Path | None, typer.Option("--packs", help="A folder of packs instead of the shipped one.")
]
Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="PREFLIGHT_HOME", help="Where your own codes.tsv and channels/ lie."
    ),
]
_DEFAULT_HOME = Path(".preflight")


@channels_app.command("list")
def list_channels(
    packs_folder: PackFolder = None, home: Home = _DEFAULT_HOME, as_json: AsJson = False
) -> None:
    """List the channels that have a pack: what is known of them, and what is not."""
    rows = [_row(pack) for pack in _packs(packs_folder, home)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(
            f"{row['channel']:16} {row['known']:3} facts, {row['unknown']:3} unknown, "
            f"{row['codes']:3} codes  {row['title']['zh']} / {row['title']['en']}"
        )


@channels_app.command("show")
def show_channel(
    channel: Annotated[str, typer.Argument(help="The channel's name.")],
    packs_folder: PackFolder = None,
    home: Home = _DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Show one pack: its dated facts, each with source and grade."""
    pack = _packs(packs_folder, home)[channel]
    if as_json:
        print_json({"version": pack.version, **msgspec.to_builtins(pack.file)})
        return
    _print_pack(pack)


@channels_app.command("names")
def list_names(as_json: AsJson = False) -> None:
    """List what a condition may read of a pack: every `channel.` and `check.` name."""
    from rules.pack_facts import CHECKS

    rows = [
        {"name": f"channel.{one.name}", "kind": f"set of {one.kind}s" if one.many else one.kind,
         "unit": one.unit, "meaning": one.meaning}
        for one in CHANNEL_FACTS.values()
    ] + [
        {"name": one.name, "kind": one.kind, "unit": one.unit, "meaning": one.meaning}
        for one in CHECKS
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    for row in rows:
        unit = "" if row["unit"] == "NONE" else f" {row['unit']}"
        print(f"{row['name']:46} {row['kind'] + unit:20} {row['meaning']}")


@channels_app.command("check")
def check_packs(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A draft's name, a folder of packs or a pack's file; shipped if none."),
    ] = None,
    by: By = None,
    home: Home = _DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Check packs: names, kinds, units, dates, code tables, sources; exit 2 at the first fault."""
    if folder is not None and not folder.exists():
        check_draft(PACKS, str(folder), desk_of(home, by), as_json=as_json)
        return
    is_file = folder is not None and folder.is_file()
    packs = (load_pack(folder),) if folder is not None and is_file else tuple(load_packs(folder))
    faults = [
        f"{pack.channel}: {fault}"
        for pack in packs
        if folder is None
        for fault in source_faults(pack, load_sources())
    ]
    if faults:
        raise RuleError("; ".join(faults))
    rows = [_row(pack) for pack in packs]
    if as_json:
        print_json(rows)
        return
    facts = sum(row["known"] for row in rows)
    print(f"{len(rows)} packs, {facts} facts, all as they should be")


@channels_app.command("diff")
def diff(
    before: Annotated[
        str, typer.Argument(help="A channel's name or a pack's file; without --history a version.")
    ],
    after: Annotated[str, typer.Argument(help="What to compare it with, named likewise.")],
    history: Annotated[
        Path | None, typer.Option("--history", help="The history whose orders to try.")
    ] = None,
    packs_folder: PackFolder = None,
    home: Home = _DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Say which orders of a history another pack judges otherwise; or how two versions differ."""
    if history is None:
        print_diff(desk_of(home, None), PACKS, before, after, as_json=as_json)
        return
    from features.history import read_history
    from features.progress import progress_bar
    from rules.book import load_book
    from rules.channel_diff import diff_packs

    packs = _packs(packs_folder, home)
    left, right = _named(before, packs), _named(after, packs)
    book = load_book()
    with progress_bar("Compare") as progress:
        found = diff_packs(read_history(history), left, right, book, progress=progress)
    if as_json:
        print_json(found)
        return
    print(f"{found.before} → {found.after}: {found.changed} of {found.orders} orders change")
    print(f"  newly blocked {found.newly_blocked}, no longer blocked {found.no_longer_blocked}")
    for fact in found.facts:
        print(f"  fact {fact.name}: {_shown(fact.before)} → {_shown(fact.after)}")
    for one in found.answers:
        why = f", because of {', '.join(one.because)}" if one.because else ""
        print(f"  {one.kind} {one.name}: {one.orders} orders (+{one.gained} −{one.lost}){why}")
        for example in one.examples:
            print(f"    {example.order_id}: {_shown(example.before)} → {_shown(example.after)}")


@channels_app.command("unseen")
def unseen(
    ledger: Annotated[str, typer.Option("--ledger", help="The ledger, as a database URL.")],
    home: Home = _DEFAULT_HOME,
    template: Annotated[
        bool, typer.Option("--template", help="Print rows to complete and put into codes.tsv.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the answers that no pack knows, the most frequent first, with an order to ask about."""
    from features.ledger import LedgerReader, open_engine
    from rules.own_codes import COLUMNS
    from rules.unseen import unseen_answers

    _check_there(ledger)
    packs = packs_in_force(home)
    found = unseen_answers(LedgerReader(open_engine(ledger)), packs)
    if as_json:
        print_json(found)
    elif template:
        print("\t".join(COLUMNS))
        for one in found:
            print(one.template)
    elif not found:
        print("Every answer in this ledger has a meaning.")
    else:
        for one in found:
            code = " + ".join(part for part in (one.raw_code, one.raw_sub_code) if part)
            print(
                f"{one.answers:6} answers, {one.orders:6} orders  {one.channel:16} {code}  "
                f"last {from_us(one.last_us):%Y-%m-%d %H:%M} UTC, such as {one.order_id}"
                f"{': ' + one.raw_message if one.raw_message else ''}"
            )


@channels_app.command("doctor")
def doctor(
    channel: Annotated[str, typer.Argument(help="A channel's name, or a pack's file.")],
    config: Annotated[Path, typer.Option("--config", help="The settings of your integration.")],
    at: Annotated[
        str | None,
        typer.Option("--at", help="Check as of this instant (ISO 8601 with zone), not of now."),
    ] = None,
    packs_folder: PackFolder = None,
    home: Home = _DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Check an integration's settings before the first order; exit 1 if something would block."""
    from rules.doctor.config import load_config
    from rules.doctor.examine import examine
    from rules.doctor.printed import print_report

    instant = _instant(at)
    pack = _named(channel, _packs(packs_folder, home)).at(to_us(instant))
    report = examine(load_config(config), pack, instant)
    if as_json:
        print_json(report)
    else:
        print_report(report)
    if report.is_blocking:
        raise typer.Exit(1)


def _instant(text: str | None) -> datetime:
    if text is None:
        return from_us(now_us())
    try:
        instant: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise RuleError(f"--at is {text!r}; write an instant such as 2026-11-22T10:00:00+08:00")
    return instant


def _row(pack: Pack) -> dict[str, Any]:
    facts = pack.file.facts.values()
    known = sum(fact.value is not None for fact in facts)
    tables = pack.file.code_tables
    return {
        "channel": pack.channel,
        "title": msgspec.to_builtins(pack.file.title),
        "version": pack.version,
        "kinds": list(pack.file.kinds),
        "checked_on": pack.file.checked_on.isoformat(),
        "known": known,
        "unknown": len(facts) - known,
        "codes": sum(row.table in tables for row in pack.codes.rows),
    }


def _print_pack(pack: Pack) -> None:
    file = pack.file
    print(f"{pack.channel}: {file.title.zh} / {file.title.en}")
    print(f"version {pack.version}, checked on {file.checked_on}")
    if file.extends is not None:
        print(f"extends {file.extends}")
    for name, fact in file.facts.items():
        _print_fact(name, fact)
    for api, fact in file.required.items():
        _print_fact(f"required ({api})", fact)
    for name, product in file.products.items():
        print(f"  product {name}: {product.title.zh} / {product.title.en}")
        for own, fact in product.facts.items():
            _print_fact(f"  {own}", fact)
    print(f"  answer codes from: {', '.join(file.code_tables) or 'none'}")


def _print_fact(name: str, fact: PackFact) -> None:
    print(f"  {name:40} {_shown(fact.value)}  [{fact.source}, grade {fact.grade or '-'}]")
    for one in fact.earlier:
        until = one.effective_until or fact.effective_from
        print(f"    {one.effective_from or '…'} to {until}: {one.value}  [{one.source}]")


def _shown(value: object) -> object:
    return "unknown" if value is None else value


def _packs(folder: Path | None, home: Path) -> Packs:
    return packs_in_force(home) if folder is None else load_packs(folder)


def _named(name: str, packs: Packs) -> Pack:
    path = Path(name)
    return load_pack(path) if path.suffix == ".yaml" else packs[name]


def _check_there(url: str) -> None:
    """Refuse a SQLite file that does not exist: to open it would make an empty ledger."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).is_file():
        raise LedgerError(f"there is no ledger at {url}; such as sqlite:////data/ledger.sqlite")
