"""Decides every candidate of a document, by the network or by rules."""

from dataclasses import replace

from archive.facts.decide import model, narrowing, rules, sharing
from archive.facts.decide.decoding import Decision, decode
from archive.facts.decide.labels import TYPES
from archive.facts.decide.windows import windows
from archive.facts.document import Document
from archive.facts.types import load


def decide(document: Document, margin: int = 0) -> list[Decision]:
    """The decisions that are sure enough to be kept: published ones and candidates. With a margin (thousandths), also
    those at most that far below the threshold of candidates, without a status. Raises ModelUnavailable."""
    learned = [_calibrated(d) for window in windows(document) for d in decode(document, window, model.run(window))]
    owners = sharing.owners(document)
    sure = (d for d in learned if d.status or _shortfall(d) <= margin)
    owned = (d for each in sure if (d := _owned(each, owners)) is not None)
    kept = [
        replace(
            d,
            closed=narrowing.closed_words(document, d),
            words=narrowing.part(document, d),
            donor=narrowing.donor(document, d),
            recipient=narrowing.recipient(document, d),
        )
        for d in owned
    ]
    taken = {(d.candidate.start, d.candidate.end) for d in kept if d.status == "published"}
    unlearned = [type_ for type_ in load().values() if type_.id not in TYPES]
    ruled = [
        replace(
            d, status="published" if load()[d.type].published else "candidate", subject_certain=d.subject is not None
        )
        for d in rules.decide(document, unlearned)
        if (d.candidate.start, d.candidate.end) not in taken
    ]
    return [*kept, *ruled]


def _owned(decision: Decision, owners: sharing.Owners) -> Decision | None:
    """A decision with the subject that the words determine; None where the number has no single subject."""
    span = (decision.candidate.start, decision.candidate.end)
    if span not in owners:
        return decision
    name = owners[span]
    return replace(decision, subject=(name.start, name.end), subject_certain=True) if name else None


def _calibrated(decision: Decision) -> Decision:
    """A decision with its calibrated probabilities, and the status that follows from them."""
    calibration = model.calibration()
    sure, subject = calibration.probability(decision.raw), calibration.subject_probability(decision.raw_subject)
    candidate, publish = calibration.thresholds(decision.type)
    status = "published" if sure >= publish else "candidate" if sure >= candidate else ""
    certain = subject >= calibration.subject_threshold
    return replace(decision, thousandths=sure, subject_thousandths=subject, status=status, subject_certain=certain)


def _shortfall(decision: Decision) -> int:
    """How far a decision is below the threshold of candidates, in thousandths."""
    assert decision.thousandths is not None
    return model.calibration().thresholds(decision.type)[0] - decision.thousandths
