"""Which numbers of a row without gaps are had: all up to one, and further ones that came out of turn."""

from __future__ import annotations


class Numbers:
    """Numbers that were noted."""

    def __init__(self, head: int) -> None:
        self.head = head
        """All numbers up to this one are had."""
        self.beyond: set[int] = set()

    def __contains__(self, number: int) -> bool:
        """Tell whether a number is had."""
        return number <= self.head or number in self.beyond

    def note(self, number: int) -> None:
        """Note a number, in whatever order they come."""
        if number in self:
            return
        self.beyond.add(number)
        while self.head + 1 in self.beyond:
            self.head += 1
            self.beyond.remove(self.head)

    def settle(self, head: int) -> None:
        """Note that nothing up to a number is to come any more."""
        self.head = max(self.head, head)
        self.beyond = {number for number in self.beyond if number > self.head}
        while self.head + 1 in self.beyond:
            self.head += 1
            self.beyond.remove(self.head)
