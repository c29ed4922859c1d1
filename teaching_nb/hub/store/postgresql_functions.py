"""Several statements in one way to the server: a function that lives as long as the connection that has made it.

Each statement of it sees what was committed before that statement, as in a transaction of READ COMMITTED. It is made of
the statements that are sent one by one elsewhere, so that both ways do the same; nothing of it stays in the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from teaching_nb.hub.store.statements import Statement

_PARAMETER = re.compile(r"\$(\d+)::([A-Z]+(?:\[\])?)")


class Function:
    """Locks, changes what is locked, and notes under a number what it has changed, if that is anything.

    The second statement returns rows of a text and a number, the third one a number. All rows are returned, that of the
    third one as the last and without a text; nothing when the second statement has changed nothing.
    """

    def __init__(self, name: str, lock: Statement, change: Statement, note: Statement) -> None:
        self._steps = (lock, change, note)
        types: list[str] = []
        texts = [_renumbered(step.sql, types) for step in self._steps]
        self.definition = _definition(name, types, *texts)
        arguments = ", ".join(f"${number}" for number in range(1, len(types) + 1))
        self.call = f"SELECT changed_id, digest FROM pg_temp.{name}({arguments})"  # noqa: S608 - names of ours

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the arguments of the call."""
        return [value for step in self._steps for value in step.bound(values)]


def _definition(name: str, types: list[str], lock: str, change: str, note: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION pg_temp.{name}({", ".join(types)}) RETURNS TABLE (changed_id text, digest bigint)
LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
  ignored record;
  is_changed boolean := false;
BEGIN
  FOR ignored IN {lock} LOOP NULL; END LOOP;
  FOR changed_id, digest IN {change} LOOP
    is_changed := true;
    RETURN NEXT;
  END LOOP;
  IF is_changed THEN
    FOR digest IN {note} LOOP
      changed_id := NULL;
      RETURN NEXT;
    END LOOP;
  END IF;
END
$function$"""


def _renumbered(sql: str, types: list[str]) -> str:
    """Return a statement with parameters that follow those whose types are known, and add their types."""
    before = len(types)
    found = {int(number): kind for number, kind in _PARAMETER.findall(sql)}
    types += [found[number] for number in sorted(found)]
    return _PARAMETER.sub(lambda match: f"${before + int(match[1])}::{match[2]}", sql)
