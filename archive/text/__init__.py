"""Chinese text as raw material: script, notes, offsets. Every function keeps positions traceable."""

from archive.text.noise import Clean, clean
from archive.text.script import fold, is_chinese

__all__ = ["Clean", "clean", "fold", "is_chinese"]
