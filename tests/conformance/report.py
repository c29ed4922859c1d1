"""What a replay prints: a line per scenario, and each difference that nobody declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.conformance.deviations import Verdict
from tests.conformance.replay import Result


def lines_of(result: Result, verdict: Verdict, *, with_declared: bool = False) -> Iterator[str]:
    """Return the lines about one scenario."""
    scenario = result.scenario
    differing = {difference.step for difference in result.differences}
    bad = {difference.step for difference in verdict.undeclared}
    skipped = set(result.not_played)
    total = len(scenario.steps)
    sign = "FAIL" if not verdict.is_good else "ok  " if result.is_whole else "PART"
    parts = [f"{total - len((differing | skipped) - {0})} of {total} steps equal"]
    if differing - bad:
        rules = Counter(rule for _, rule in {(one.step, declared.rule) for one, declared in verdict.declared})
        named = ", ".join(f"{rule} ×{count}" for rule, count in sorted(rules.items()))
        parts.append(f"{len(differing - bad)} differ as declared ({named})")
    if bad:
        parts.append(f"{len(bad)} differ")
    if skipped:
        parts.append("NOT PLAYED" if len(skipped) == total else f"{len(skipped - {0})} NOT PLAYED")
    yield f"{sign} {scenario.name}: {'; '.join(parts)}"
    for step, reasons in result.not_played.items():
        yield from (f"     {f'step {step}' if step else 'start'}: not played: {reason}" for reason in reasons)
    yield from (f"     {difference}" for difference in verdict.undeclared)
    yield from (f"     {line}" for line in verdict.outdated)
    if with_declared:
        yield from (f"     {one} — {declared.rule}: {declared.we}" for one, declared in verdict.declared)


def summary(total: int, *, failed: int, partly: int) -> str:
    """Return the last line."""
    line = f"{total - failed - partly} of {total} scenarios as recorded and declared"
    if partly:
        line += f"; {partly} NOT PLAYED completely"
    return line + (f"; {failed} differ" if failed else "")
