"""The doctor's report for people, in both languages."""

from collections.abc import Iterator

from rules.doctor.report import Finding, Report, Weight

_MARKS = {Weight.BLOCK: "BLOCK", Weight.WARN: "warn "}


def print_report(report: Report) -> None:
    """Print a report: findings, then what is in order, then what could not be checked."""
    for line in lines_of(report):
        print(line)  # noqa: T201 - it is what the command is for


def lines_of(report: Report) -> Iterator[str]:
    """Yield the lines of a report."""
    blocking = sum(finding.weight is Weight.BLOCK for finding in report.findings)
    warnings = len(report.findings) - blocking
    yield f"{report.channel} ({report.version}): {blocking} blocking, {warnings} warnings"
    for finding in report.findings:
        yield from _finding_lines(finding)
    if report.passed:
        yield f"  in order: {', '.join(report.passed)}"
    for one in report.not_checked:
        yield f"  not checked: {one.field}: {one.why}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"  {_MARKS[finding.weight]} {finding.fault}  {finding.field}"
    yield f"        {finding.text.en}"
    yield f"        {finding.text.zh}"
    codes = ", ".join(finding.codes) or "no code is known; the answer would be unknown to us"
    yield f"        the channel would answer: {codes}"
    yield f"        → {finding.advice.en}"
    yield f"        → {finding.advice.zh}"
    if finding.source is not None:
        yield f"        source: {finding.source}"
