"""Turns measurements into a table for people and JSON for machines.

What is measured, and how, belongs to each benchmark.
"""

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; not a number when there are no values."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]


def machine() -> dict[str, str | int]:
    """What a figure depends on, so that it can be compared later."""
    model = "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {
        "cpu": model,
        "cores": os.cpu_count() or 0,
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def show(title: str, figures: Mapping[str, object], *, as_json: bool) -> None:
    out = Console(highlight=False)
    if as_json:
        out.print_json(json.dumps({"bench": title, **figures, "machine": machine()}))
        return
    table = Table(title=title, show_header=False)
    for name, value in {**figures, **machine()}.items():
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        table.add_row(name.replace("_", " "), shown)
    out.print(table)
