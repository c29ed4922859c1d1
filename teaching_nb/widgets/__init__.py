"""What a notebook shows of the client's models: the Python halves, one file per widget, and their bundle.

No widget is imported here: `import teaching_nb` stays cheap until one is asked for.
"""

from __future__ import annotations

import logging

# Without a handler Python prints errors of libraries into the running cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())
