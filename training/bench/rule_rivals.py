"""Other rule engines, each prepared once and then asked for all hits of a row.

None of them is needed to run Preflight; one that is not installed is left out and named so.
Each is used as its own documentation advises for many rules over one input.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import count
from typing import Any

from features.kinds import Value
from rules.engines.compiled import CompiledEngine
from rules.engines.durable import DurableEngine
from training.bench.rule_books import SeededRule, bound_book

Row = Mapping[str, Value]
Ask = Callable[[Row], set[str] | frozenset[str]]
Prepare = Callable[[Sequence[SeededRule]], Ask]


def with_preflight(rules: Sequence[SeededRule]) -> Ask:
    """Evaluate as each live answer does, the kind of every fact checked."""
    engine = CompiledEngine(bound_book(rules))
    return lambda row: engine.evaluate(row).hits


def with_durable_behind_our_door(rules: Sequence[SeededRule]) -> Ask:
    """Ask durable-rules through our engine."""
    engine = DurableEngine(bound_book(rules))
    return lambda row: engine.evaluate(row).hits


def with_durable(rules: Sequence[SeededRule]) -> Ask:
    """Ask durable-rules through its own Python host: assert a fact, let actions run, retract."""
    lang = import_module("durable.lang")
    hits: set[str] = set()
    name = f"bench_{next(_NUMBERS)}"
    with lang.ruleset(name):
        for rule in rules:
            lang.when_all(_in_durable(rule, lang.m))(_action(hits, rule.code))

    def ask(row: Row) -> set[str]:
        hits.clear()
        fact = dict(row)
        try:
            lang.assert_fact(name, fact)
        except import_module("durable.engine").MessageNotHandledException:
            pass  # it raises where no rule matches
        lang.retract_fact(name, fact)
        return set(hits)

    return ask


def _action(hits: set[str], code: str) -> Callable[[Any], None]:
    def act(c: Any) -> None:  # noqa: ARG001 - durable-rules calls it with its closure
        hits.add(code)

    return act


def _in_durable(rule: SeededRule, m: Any) -> Any:
    operators = {">": "__gt__", ">=": "__ge__", "<": "__lt__"}
    whole = None
    for alternative in rule.alternatives:
        part = None
        for one in alternative:
            leaf = getattr(getattr(m, one.name), operators[one.operator])(one.value)
            part = leaf if part is None else part & leaf
        whole = part if whole is None else whole | part
    return whole


def with_zen(rules: Sequence[SeededRule]) -> Ask:
    """Ask zen-engine's compiled expressions, one for each rule."""
    zen = import_module("zen")
    compiled = [(rule.code, zen.compile_expression(rule.text())) for rule in rules]
    return lambda row: {code for code, one in compiled if one.evaluate(row)}


def with_zen_table(rules: Sequence[SeededRule]) -> Ask:
    """Ask one decision table of zen-engine that collects every row that matches."""
    zen = import_module("zen")
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "then", "name": "code", "field": "code"}],
        "rules": [{"_id": r.code, "when": r.text(), "then": json.dumps(r.code)} for r in rules],
    }
    nodes: list[dict[str, Any]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    placed = [{**node, "position": {"x": 0, "y": 0}} for node in nodes]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": placed, "edges": edges}))
    return lambda row: {one["code"] for one in decision.evaluate(row)["result"]}


def with_cel(rules: Sequence[SeededRule]) -> Ask:
    """Ask programs of the Common Expression Language in one context for each row."""
    cel = import_module("cel")
    programs = [(rule.code, cel.compile(rule.text("&&", "||"))) for rule in rules]

    def ask(row: Row) -> set[str]:
        context = cel.Context(variables=row)
        return {code for code, program in programs if program.execute(context)}

    return ask


def with_rule_engine(rules: Sequence[SeededRule]) -> Ask:
    """Ask rule-engine's compiled rules, one after the other."""
    library = import_module("rule_engine")
    compiled = [(rule.code, library.Rule(rule.text())) for rule in rules]
    return lambda row: {code for code, one in compiled if one.matches(row)}


def with_business_rules(rules: Sequence[SeededRule]) -> Ask:
    """Ask business-rules for every rule of a list, an action adding its code."""
    engine = import_module("business_rules.engine")
    variables, actions, fields = (
        import_module(f"business_rules.{part}") for part in ("variables", "actions", "fields")
    )
    names = dict.fromkeys(one.name for r in rules for part in r.alternatives for one in part)
    readers = {name: variables.numeric_rule_variable(_reader(name)) for name in names}
    row_type = type("RowVariables", (variables.BaseVariables,), readers)
    adds = actions.rule_action(params={"code": fields.FIELD_TEXT})(_add)
    hits_type = type("HitActions", (actions.BaseActions,), {"add": adds})
    written = [_in_business_rules(rule) for rule in rules]

    def ask(row: Row) -> set[str]:
        known, found = row_type(), hits_type()
        known.row, found.hits = row, set()
        engine.run_all(written, known, found)
        hits: set[str] = found.hits
        return hits

    return ask


def _reader(name: str) -> Callable[[Any], Value]:
    def read(variables: Any) -> Value:
        value: Value = variables.row[name]
        return value

    read.__name__ = name
    return read


def _add(actions: Any, code: str) -> None:
    actions.hits.add(code)


def _in_business_rules(rule: SeededRule) -> dict[str, Any]:
    operators = {">": "greater_than", ">=": "greater_than_or_equal_to", "<": "less_than"}
    alternatives = [
        {
            "all": [
                {"name": one.name, "operator": operators[one.operator], "value": one.value}
                for one in part
            ]
        }
        for part in rule.alternatives
    ]
    return {
        "conditions": {"any": alternatives},
        "actions": [{"name": "add", "params": {"code": rule.code}}],
    }


_NUMBERS = count()
"""A ruleset of durable-rules cannot be replaced, so each has a name of its own."""
OURS = "preflight"
CONTESTANTS: Mapping[str, Prepare] = {
    OURS: with_preflight,
    "durable-rules, our door": with_durable_behind_our_door,
    "durable-rules": with_durable,
    "zen-engine": with_zen,
    "zen-engine, table": with_zen_table,
    "common-expression-language": with_cel,
    "rule-engine": with_rule_engine,
    "business-rules": with_business_rules,
}
