"""Decides which candidates are facts, of which type, and with which subject: a small network, and rules for types that it has not learned."""

from archive.errors import ModelUnavailable
from archive.facts.decide.decide import Decision, decide
from archive.facts.decide.model import Calibration, calibration, check

__all__ = ["Calibration", "Decision", "ModelUnavailable", "calibration", "check", "decide"]
