// Names that every Python has, for as long as the kernel does not say which it knows.
import type { Completion } from "@codemirror/autocomplete";

/** By what CodeMirror has symbols for. */
const NAMES = {
  keyword:
    "False None True and as assert async await break class continue def del elif else except finally for from global if " +
    "import in is lambda match nonlocal not or pass raise return try while with yield",
  function:
    "abs all any ascii bin breakpoint callable chr compile delattr dir divmod enumerate eval exec exit filter format " +
    "getattr globals hasattr hash help hex id input isinstance issubclass iter len locals max min next oct open ord pow " +
    "print quit repr reversed round setattr slice sorted sum vars zip",
  class:
    "bool bytearray bytes classmethod complex dict float frozenset int list map memoryview object property range set " +
    "staticmethod str super tuple type",
  type:
    "ArithmeticError AssertionError AttributeError BaseException EOFError Exception FileExistsError FileNotFoundError " +
    "ImportError IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError " +
    "NameError NotImplementedError OSError OverflowError PermissionError RecursionError RuntimeError StopIteration " +
    "SyntaxError TimeoutError TypeError UnicodeError ValueError Warning ZeroDivisionError",
};

export const PYTHON_NAMES: readonly Completion[] = Object.entries(NAMES).flatMap(([type, names]) =>
  names.split(" ").map((label) => ({ label, type })),
);
