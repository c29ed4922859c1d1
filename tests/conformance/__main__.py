"""`python -m tests.conformance [FOLDER]`: play the recordings of a folder against our hub."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.conformance import report
from tests.conformance.deviations import FILE, OF_TWO, Deviations
from tests.conformance.fixtures import Fixtures
from tests.conformance.preparations import Preparations
from tests.conformance.recording import Scenario, read_folder
from tests.conformance.replay import replay

DIFFERS, UNUSABLE, NOT_PLAYED = 1, 2, 3
"""Exit statuses: an undeclared difference; no usable recordings; nothing differs, but not everything was played."""

RECORDINGS = Path(__file__).with_name("recordings")


def main() -> int:
    """Play what the command line asks for; return 0 when all was played and nothing differs undeclared."""
    options = _parser().parse_args()
    try:
        scenarios = read_folder(options.folder)
        deviations = Deviations.load(*options.deviations, *([OF_TWO] if options.processes == 2 else []))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    wanted = [one for one in scenarios if not options.only or one.name.startswith(tuple(options.only))]
    with (
        tempfile.TemporaryDirectory(prefix="conformance-") as directory,
        Fixtures(Path(directory), is_postgresql=options.postgresql, processes=options.processes) as fixtures,
    ):
        return asyncio.run(_play(wanted, deviations, Path(directory), fixtures, with_declared=options.declared))


async def _play(
    scenarios: list[Scenario], deviations: Deviations, directory: Path, fixtures: Fixtures, *, with_declared: bool
) -> int:
    prepared = Preparations.load()
    failed, partly = 0, 0
    for scenario in scenarios:
        result = await replay(scenario, fixtures, directory / scenario.name, prepared)
        verdict = deviations.judge(scenario, result.differences)
        failed += not verdict.is_good
        partly += verdict.is_good and not result.is_whole
        for line in report.lines_of(result, verdict, with_declared=with_declared):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    sys.stdout.write(report.summary(len(scenarios), failed=failed, partly=partly) + "\n")
    return DIFFERS if failed else NOT_PLAYED if partly else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=RECORDINGS, help="holds the recordings (*.jsonl)")
    parser.add_argument("--deviations", type=Path, nargs=1, default=[FILE], help="where we differ on purpose")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="begin of a scenario's name")
    parser.add_argument("--postgresql", action="store_true", help="play all scenarios on PostgreSQL")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1, help="how many serve behind a balancer")
    parser.add_argument("--declared", action="store_true", help="print the declared differences too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
