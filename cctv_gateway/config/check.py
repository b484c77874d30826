"""Everything that the parts of a configuration must agree on, as one list of findings.

Single fields belong in the schema; each demand is a small function in a `check_*` module.
"""

from collections.abc import Iterator
from datetime import date

from cctv_gateway.config.check_agreements import AGREEMENT_CHECKS, agreements_in_force
from cctv_gateway.config.check_references import REFERENCE_CHECKS
from cctv_gateway.config.check_registry import REGISTRY_CHECKS
from cctv_gateway.config.check_roles import ROLE_CHECKS
from cctv_gateway.config.check_rules import RULE_CHECKS
from cctv_gateway.config.problems import Finding
from cctv_gateway.config.schema import Configuration


def check(
    configuration: Configuration, today: date | None = None, whole: bool = True
) -> Iterator[Finding]:
    """Every demand that does not hold.

    `today` (a local date) is needed to speak of ended agreements. Without `whole` some broken
    entries were left out, so nothing is said that might only be due to their absence.
    """
    unknown = [finding for each in REFERENCE_CHECKS for finding in each(configuration)]
    yield from unknown
    for each in REGISTRY_CHECKS + ROLE_CHECKS:
        yield from each(configuration)
    if unknown:
        return  # The rest follows references from part to part.
    for each in RULE_CHECKS:
        yield from each(configuration)
    if whole:
        for each in AGREEMENT_CHECKS:
            yield from each(configuration)
    if today is not None:
        yield from agreements_in_force(configuration, today)
