"""`python -m tests.conformance [FOLDER]`: play the recordings of a folder against our hub."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.conformance import report, start_state
from tests.conformance.deviations import FILE, Deviations
from tests.conformance.preparations import Preparations
from tests.conformance.recording import read_folder
from tests.conformance.replay import replay

RECORDINGS = Path(__file__).with_name("recordings")


def main() -> int:
    """Play what the command line asks for; return 0 when nothing differs undeclared."""
    options = _parser().parse_args()
    try:
        scenarios = read_folder(options.folder)
        deviations = Deviations.load(options.deviations)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    wanted = [one for one in scenarios if not options.only or one.name.startswith(tuple(options.only))]
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        return asyncio.run(_play(wanted, deviations, Path(directory), with_declared=options.declared))


async def _play(scenarios: list, deviations: Deviations, directory: Path, *, with_declared: bool) -> int:  # type: ignore[type-arg]
    template = await start_state.make_template(directory / "template")
    prepared = Preparations.load()
    failed = 0
    for scenario in scenarios:
        result = await replay(scenario, template, directory / scenario.name, prepared)
        verdict = deviations.judge(scenario, result.differences)
        failed += not verdict.is_good
        for line in report.lines_of(result, verdict, with_declared=with_declared):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(scenarios) - failed} of {len(scenarios)} scenarios as recorded and declared\n")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=RECORDINGS, help="holds the recordings (*.jsonl)")
    parser.add_argument("--deviations", type=Path, default=FILE, help="where we differ on purpose")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="begin of a scenario's name")
    parser.add_argument("--declared", action="store_true", help="print the declared differences too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
