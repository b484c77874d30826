"""A bounded queue of news for one browser: merges what is stale, drops the oldest, keeps cuts.

Who hears what belongs in `events.py`, how it looks on the wire in `routes/events.py`.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass

MAX_NOTES = 512
# A login cannot hold this many views at once; a browser that does not read them is gone.
MAX_VITAL = 256


@dataclass(frozen=True, slots=True)
class Note:
    """One event as it goes out. `key` names what a newer note replaces; vital ones never drop."""

    name: str
    data: str
    key: str | None = None
    vital: bool = False


class Mailbox:
    """Written on the loop, read by one stream."""

    def __init__(self, max_notes: int = MAX_NOTES, max_vital: int = MAX_VITAL) -> None:
        self._max_notes = max_notes
        self._max_vital = max_vital
        self._vital: deque[Note] = deque()
        self._notes: OrderedDict[str | int, Note] = OrderedDict()
        self._serial = 0
        self._filled = asyncio.Event()
        self.closed = False
        self.dropped = 0

    def put(self, note: Note) -> None:
        if self.closed:
            return
        if note.vital:
            self._vital.append(note)
            if len(self._vital) > self._max_vital:
                self.close()
        else:
            self._put_droppable(note)
        self._filled.set()

    def _put_droppable(self, note: Note) -> None:
        self._serial += 1
        # A replaced note keeps its place, so a busy camera cannot push itself back for ever.
        self._notes[note.key if note.key is not None else self._serial] = note
        if len(self._notes) > self._max_notes:
            self._notes.popitem(last=False)
            self.dropped += 1

    async def take(self) -> list[Note]:
        """All that is waiting, cuts first; waits for the first note. Empty means the end."""
        while not (self._vital or self._notes or self.closed):
            self._filled.clear()
            await self._filled.wait()
        taken = self.waiting()
        self._vital.clear()
        self._notes.clear()
        return taken

    def waiting(self) -> list[Note]:
        """What would be taken now, without taking it."""
        return [*self._vital, *self._notes.values()]

    def close(self) -> None:
        """What is waiting is still delivered, then the stream ends."""
        self.closed = True
        self._filled.set()

    def __len__(self) -> int:
        return len(self._vital) + len(self._notes)
