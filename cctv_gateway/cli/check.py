"""`cctv-gateway check`: says everything that is wrong with a cameras.yaml.

What is wrong is found by `config`; this module only prints it.
"""

import dataclasses
import json
from pathlib import Path

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.cli.screen import Exit, err, out
from cctv_gateway.config.load import load_file
from cctv_gateway.config.problems import ConfigError, Problem, Severity
from cctv_gateway.config.watch import today


def check_file(file: Path, *, as_json: bool) -> Exit:
    try:
        loaded = load_file(file, today(SystemClock()))
    except ConfigError as error:
        _show(error.problems, as_json)
        return Exit.FOUND_WRONG
    _show(loaded.problems, as_json)
    if not as_json:
        cameras = len(loaded.configuration.cameras)
        out.print(f"{file}: sound, {cameras} cameras, revision {loaded.revision}")
    return Exit.OK


def _show(problems: tuple[Problem, ...], as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps([dataclasses.asdict(problem) for problem in problems]))
        return
    for problem in problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        place = f"{problem.file}:{problem.line}:{problem.column}"
        err.print(
            f"[bold]{place}[/] [{colour}]{problem.severity}[/] [dim]{problem.code}[/]",
            soft_wrap=True,
        )
        err.print(f"    {problem.message}", soft_wrap=True, markup=False)
        err.print(f"    {problem.fix}", soft_wrap=True, markup=False, style="green")
