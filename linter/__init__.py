"""First floor: is this text true?"""

from linter.checker import FactChecker
from linter.engine import Engine
from linter.finding import Finding
from linter.lazy import LazyEncoder

__all__ = ["Engine", "FactChecker", "Finding", "LazyEncoder"]
