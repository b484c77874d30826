"""What a rule demands of the cameras it covers: a masked picture needs a registered mask.

What a kind of role may never have belongs in `check_roles`.
"""

from collections.abc import Iterator

from cctv_gateway.config.check_references import Check
from cctv_gateway.config.problems import Finding, Severity
from cctv_gateway.config.schema import Camera, Condition, Configuration, Effect, Rule
from cctv_gateway.model import REGISTERED_PURPOSES, Action, Purpose, Variant

PICTURE_ACTIONS = frozenset({Action.LIVE_VIEW, Action.SNAPSHOT, Action.REC_PLAY})


def masked_rules_find_masks(configuration: Configuration) -> Iterator[Finding]:
    """Fails closed: without a registered mask nobody knows that nothing needs hiding."""
    told: set[tuple[int, Purpose]] = set()
    for rule in configuration.rules:
        if not _shows_masked(rule):
            continue
        for index, camera in enumerate(configuration.cameras):
            district = configuration.district_of(camera)
            if not rule.cameras.covers(camera, district, own=district):
                continue
            for purpose in sorted(_unmasked(rule, camera)):
                if (index, purpose) not in told:
                    told.add((index, purpose))
                    values = {"rule": rule.id, "id": camera.id, "purpose": purpose.value}
                    yield Finding("MASK_MISSING", ("cameras", index, "masks"), values)


def _shows_masked(rule: Rule) -> bool:
    allows = rule.effect is Effect.ALLOW and not rule.actions.isdisjoint(PICTURE_ACTIONS)
    return allows and rule.variant is Variant.MASKED


def _unmasked(rule: Rule, camera: Camera) -> frozenset[Purpose]:
    """Purposes of the rule that the camera can serve, for which it has no masks."""
    possible = (rule.purposes & camera.purposes.keys()) | (rule.purposes - REGISTERED_PURPOSES)
    return frozenset(possible - camera.masks.keys())


def allowing_rules_have_no_code(configuration: Configuration) -> Iterator[Finding]:
    for index, rule in enumerate(configuration.rules):
        if rule.effect is Effect.ALLOW and rule.code is not None:
            yield Finding("CODE_ON_ALLOW", ("rules", index, "code"), {"rule": rule.id})


def shifts_are_known(configuration: Configuration) -> Iterator[Finding]:
    """Only a warning: who has no working hours is refused, which may be meant."""
    bound = {
        role
        for rule in configuration.rules
        if rule.effect is Effect.ALLOW and Condition.SHIFT in rule.conditions
        for role in rule.roles
    }
    for id, account in configuration.accounts.items():
        if account.shift is None and any(held.role in bound for held in account.roles):
            yield Finding("SHIFT_MISSING", ("accounts", id), {"id": id}, Severity.WARNING)


RULE_CHECKS: tuple[Check, ...] = (
    masked_rules_find_masks,
    allowing_rules_have_no_code,
    shifts_are_known,
)
