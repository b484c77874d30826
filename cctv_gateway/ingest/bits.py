"""Reads single bits and Exp-Golomb codes (ITU-T H.264, 9.1) out of a NAL unit.

What the bits mean belongs in `picture.py`.
"""


class BitsExhausted(ValueError):
    """The NAL unit ends too early or holds a number beyond every measure."""


class BitReader:
    """Over a NAL unit with its emulation prevention bytes removed first."""

    __slots__ = ("_at", "_bits", "_value")

    def __init__(self, nal: bytes) -> None:
        plain = nal.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(plain, "big")
        self._bits = len(plain) * 8
        self._at = 0

    def take(self, count: int) -> int:
        self._at += count
        if self._at > self._bits:
            raise BitsExhausted
        return (self._value >> (self._bits - self._at)) & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.take(1) == 1

    def skip(self, count: int) -> None:
        self.take(count)

    def unsigned(self) -> int:
        """ue(v)"""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise BitsExhausted
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)"""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)
