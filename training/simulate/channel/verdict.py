"""The verdict on a submission: test numbers, the merchant's truth, the contract, the policy."""

from dataclasses import dataclass

from features.order import Order
from rules.packs import Pack
from training.simulate.channel.amounts import read_amount
from training.simulate.channel.contract import breach
from training.simulate.channel.course import Course, Turn, course_of, paying
from training.simulate.channel.held_up import KIND_OF_ANSWER, is_elsewhere, is_moved, still_holds
from training.simulate.channel.kinds import Kind, Trouble, magic_of
from training.simulate.channel.luck import luck
from training.simulate.channel.protocol import Submission
from training.simulate.channel.registry import RISK_POLICY, Fate, Registry
from training.simulate.channel.sheet import AnswerSheet
from training.simulate.channel.spells import Spells
from training.simulate.channel.suspicion import Suspicion
from training.simulate.names import MEANINGS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a submission; `because` is said to the merchant, so no secret is in it."""

    course: Course
    because: str | None = None
    trouble: Trouble | None = None


class Judge:
    """Decides for one channel. The policy alone has a memory: of what this channel was sent."""

    def __init__(
        self,
        pack: Pack,
        suspicion: Suspicion | None,
        registry: Registry | None,
        *,
        seed: int,
        takes_test_numbers: bool,
        anew: frozenset[str] = frozenset({RISK_POLICY}),
        spells: Spells | None = None,
    ) -> None:
        """`anew` names the causes of the history that this channel decides for itself.

        `spells` are the bad times that an order meets which comes later or elsewhere.
        """
        self._pack = pack
        self._suspicion = suspicion
        self._registry = registry
        self._seed = seed
        self._takes_test_numbers = takes_test_numbers
        self._anew = anew
        self._spells = spells
        self.sheet = AnswerSheet(pack)

    def judge(self, submission: Submission, order: Order, now_us: int) -> Verdict:
        """Decide once; the caller keeps the verdict for repeats of the same number."""
        amount_minor = read_amount(self._pack, submission.amount) or 0
        magic = magic_of(submission.order_id, amount_minor) if self._takes_test_numbers else None
        if magic is not None:
            return self._tested(magic, order, now_us)
        suspected = self._suspects(order, amount_minor, now_us)
        fate = self._fate_of(order)
        held_up = None if fate is None else self._held_up(fate, order, amount_minor, now_us)
        if held_up is not None:
            return held_up
        found = breach(self._pack, submission, order, now_us)
        if found is not None:
            return Verdict(self._refusing(found[0], now_us), because=found[1])
        if suspected:
            return self._refused_for(RISK_POLICY, order, now_us)
        return Verdict(self._paying_as_before(fate, order, now_us))

    def in_flight(self) -> str:
        """Give the code that says nothing yet."""
        return self._code(Kind.IN_FLIGHT)

    def _tested(self, magic: Kind | Trouble, order: Order, now_us: int) -> Verdict:
        if isinstance(magic, Trouble):
            refused = magic is Trouble.TIMEOUT_REFUSED
            kind = Kind.GENERIC if refused else Kind.PAID
        else:
            kind = magic
        trouble = magic if isinstance(magic, Trouble) else None
        because = f"a test number: {magic.value}"
        if kind is Kind.PAID:
            return Verdict(self._paying(order, now_us), because, trouble)
        return Verdict(self._refusing(kind, now_us), because, trouble)

    def _suspects(self, order: Order, amount_minor: int, now_us: int) -> bool:
        if self._suspicion is None:
            return False
        return self._suspicion.refuses(order, amount_minor, now_us)

    def _fate_of(self, order: Order) -> Fate | None:
        return None if self._registry is None else self._registry.fates.get(order.order_id)

    def _held_up(self, fate: Fate, order: Order, amount_minor: int, now_us: int) -> Verdict | None:
        """Ask the merchant's own truth: what was wrong, and whether it has been mended."""
        channel = self._pack.channel
        if self._spells is not None and is_moved(fate, channel, now_us):
            spell = self._spells.hit(order, now_us)
            if spell is not None:
                return self._refused_for(spell, order, now_us)
        cause = still_holds(fate, channel, order, amount_minor, now_us)
        if cause is not None and cause not in self._anew:
            is_as_before = cause == fate.cause and not is_elsewhere(fate, channel)
            return (
                self._as_before(fate, now_us)
                if is_as_before
                else self._refused_for(cause, order, now_us)
            )
        if amount_minor != fate.sent_minor and fate.right_minor not in (None, amount_minor):
            return Verdict(self._refusing(Kind.AMOUNT, now_us))
        return None

    def _as_before(self, fate: Fate, now_us: int) -> Verdict:
        turns = self._turns(fate, now_us)
        if not turns:  # what the history never heard the end of stays open here too
            turns = [Turn(now_us, self.in_flight())]
        return Verdict(course_of(turns))

    def _paying_as_before(self, fate: Fate | None, order: Order, now_us: int) -> Course:
        turns = [] if fate is None else self._turns(fate, now_us)
        if not turns or not turns[-1].pays:
            return self._paying(order, now_us)
        return course_of([Turn(now_us, self.in_flight()), *turns])

    def _turns(self, fate: Fate, now_us: int) -> list[Turn]:
        return [Turn(now_us + after_us, code, self._pays(code)) for after_us, code in fate.turns]

    def _pays(self, code: str) -> bool:
        meaning = self._pack.map_outcome(None, code)
        return meaning.outcome_class == "accepted" and (
            meaning.final and meaning.subclass != "duplicate_paid"
        )

    def _refused_for(self, cause: str, order: Order, now_us: int) -> Verdict:
        """Refuse in the words that this channel had for the cause in the history."""
        registry, channel = self._registry, self._pack.channel
        drawn = registry and registry.wording(channel, cause, self._seed, order.order_id)
        code = drawn or self._code(KIND_OF_ANSWER[MEANINGS[cause].answer])
        return Verdict(course_of([Turn(now_us, code)]))

    def _refusing(self, kind: Kind, now_us: int) -> Course:
        return course_of([Turn(now_us, self._code(kind))])

    def _paying(self, order: Order, now_us: int) -> Course:
        drawn = luck(self._seed, "delay", order.order_id)
        return paying(now_us, order.kind, drawn, self.in_flight(), self._code(Kind.PAID))

    def _code(self, kind: Kind) -> str:
        code = self.sheet.code_of(kind) or self.sheet.code_of(Kind.IN_FLIGHT)
        if code is None:  # a pack that cannot say "in flight" can say nothing
            raise AssertionError(f"pack {self._pack.channel} has no code for {kind}")
        return code
