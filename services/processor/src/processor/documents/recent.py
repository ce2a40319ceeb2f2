"""What was rendered last, for whoever asks for another page of it."""

from collections import OrderedDict

from processor.rendering import Rendered


class Recent:
    """The latest used stay, at most `keep` bytes in sum; what alone is more than a quarter of that is not kept."""

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._kept: OrderedDict[bytes, Rendered] = OrderedDict()
        self._bytes = 0

    def get(self, key: bytes) -> Rendered | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: bytes, rendered: Rendered) -> None:
        size = _size(rendered)
        if key in self._kept or size > self._keep // 4:
            return
        self._kept[key] = rendered
        self._bytes += size
        while self._bytes > self._keep:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _size(rendered: Rendered) -> int:
    return sum(map(len, rendered.files))
