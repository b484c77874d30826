"""Remembers how each camera lets us in, and which passwords it has refused, so that none repeats.

A refused password is tried again only after it was changed in the vault; cameras lock out.
"""

import hmac
from collections.abc import Sequence

from cctv_gateway.fleet.enrol import Inspection, Login
from cctv_gateway.fleet.onvif_client import AuthMode, Place

MAX_PLACES = 16_384


class LoginMemory:
    """Keeps keyed digests of passwords, never the passwords."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._modes: dict[tuple[str, int], AuthMode] = {}
        self._refused: dict[tuple[str, int], frozenset[bytes]] = {}

    def usable(self, place: Place, logins: Sequence[Login]) -> tuple[Login, ...]:
        """Those of `logins` that the camera has not refused yet."""
        refused = self._refused.get((place.host, place.port), frozenset())
        return tuple(each for each in logins if self._mark(each) not in refused)

    def mode(self, place: Place) -> AuthMode:
        return self._modes.get((place.host, place.port), AuthMode.UNKNOWN)

    def learn(self, place: Place, logins: Sequence[Login], seen: Inspection) -> None:
        where = (place.host, place.port)
        marks = {self._mark(each) for each in logins if each.name in seen.refused}
        if marks and (where in self._refused or len(self._refused) < MAX_PLACES):
            self._refused[where] = self._refused.get(where, frozenset()) | marks
        if seen.auth is not AuthMode.UNKNOWN and len(self._modes) < MAX_PLACES:
            self._modes[where] = seen.auth

    def _mark(self, login: Login) -> bytes:
        pair = f"{login.credentials.user.reveal()}\0{login.credentials.password.reveal()}"
        return hmac.digest(self._key, pair.encode(), "sha256")[:16]
