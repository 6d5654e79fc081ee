"""Chinese text as raw material: script, notes, offsets. Every function keeps positions traceable."""

from archive.text.noise import INVISIBLE, Clean, clean
from archive.text.script import fold, is_chinese

__all__ = ["INVISIBLE", "Clean", "clean", "fold", "is_chinese"]
