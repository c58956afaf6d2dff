"""Candidates: kept, exported, erased."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from grader.interviews.desk import Desk, prose, require_owner, require_writer
from grader.interviews.errors import ErasedError, MissingError, StaleError
from grader.interviews.records import Candidate, Record, Tombstone, User

if TYPE_CHECKING:
    from grader.store.store import Transaction

__all__ = ["People"]


class People(Desk):
    """The part of `Interviews` about candidates."""

    def candidates(self, actor: User, *, q: str = "") -> list[Candidate]:
        """Candidates by name, those whose name or contact has the words of `q`."""
        with self._store.reading() as tx:
            return tx.candidates.candidates(q.casefold().split())

    def candidate(self, actor: User, candidate_id: str) -> Candidate:
        """One candidate; ErasedError where there was one."""
        with self._store.reading() as tx:
            return self._candidate(tx, candidate_id)

    def add_candidate(self, actor: User, name: str, contact: str = "", *, key: str | None = None) -> Candidate:
        """A new candidate; the same name twice is two people. InvalidError for an empty or too long name."""
        require_writer(actor)
        name, contact = prose("name", name, 200).strip(), prose("contact", contact, 500, empty=True).strip()
        new = Candidate(id=self._ids(), name=name, contact=contact, created_by=actor.id, created_at=self._clock())
        made = self._once(actor, key, ("candidate", name, contact), new.id, lambda tx: tx.candidates.add_candidate(new))
        return self.candidate(actor, made)

    def change_candidate(
        self, actor: User, candidate_id: str, *, version: int, name: str | None = None, contact: str | None = None
    ) -> Candidate:
        """Other name or contact; StaleError where `version` is not the one that stands."""
        require_writer(actor)
        values = {"name": prose("name", name, 200).strip()} if name is not None else {}
        if contact is not None:
            values["contact"] = prose("contact", contact, 500, empty=True).strip()
        with self._store.writing() as tx:
            if not tx.candidates.change_candidate(candidate_id, version, **values):
                raise StaleError("candidate", candidate_id, self._candidate(tx, candidate_id).version)
        return self.candidate(actor, candidate_id)

    def erase(self, actor: User, candidate_id: str) -> Tombstone:
        """Delete a candidate with interviews, answers, grades, overrides, notes and marks. Owners only. The tombstone stays."""
        require_owner(actor)
        with self._store.writing() as tx:
            self._candidate(tx, candidate_id)
            stone = Tombstone(candidate_id=candidate_id, erased_by=actor.id, erased_at=self._clock())
            tx.candidates.erase(stone)
        self._store.forget_deleted()
        return stone

    def tombstone(self, actor: User, candidate_id: str) -> Tombstone:
        """What stays of an erased candidate."""
        with self._store.reading() as tx:
            stone = tx.candidates.tombstone(candidate_id)
        if stone is None:
            raise MissingError("tombstone", candidate_id)
        return stone

    def erase_idle(self, actor: User, days: int) -> list[Tombstone]:
        """Retention: erase every candidate of whom nothing is younger than so many days. Owners only."""
        require_owner(actor)
        with self._store.reading() as tx:
            idle = tx.candidates.idle_since(self._clock() - timedelta(days=days))
        return [self.erase(actor, candidate_id) for candidate_id in idle]

    def forget_keys(self, days: int = 30) -> None:
        """Drop idempotency keys so old that nobody sends their request again."""
        with self._store.writing() as tx:
            tx.keys.forget_before(self._clock() - timedelta(days=days))

    def export(self, actor: User, candidate_id: str) -> dict[str, Any]:
        """Everything stored about a candidate, as plain JSON values."""
        require_writer(actor)
        with self._store.reading() as tx:
            candidate = self._candidate(tx, candidate_id)
            interviews = [i for i, _ in tx.interviews.interviews(candidate_id=candidate_id)]
            asked = tx.interviews.asked_in(i.id for i in interviews)
            answers = [answer.id for a in asked for answer in a.answers]
            return {
                "format": "viva-candidate-1",
                "exported_at": self._clock().isoformat(),
                "candidate": _plain(candidate),
                "interviews": [
                    {
                        **_plain(i),
                        "notes": [_plain(n) for n in tx.interviews.notes(i.id)],
                        "questions": [_plain(a) for a in asked if a.interview_id == i.id],
                    }
                    for i in interviews
                ],
                "sealed_grades": [_plain(s) for answer_id in answers for s in tx.interviews.seals(answer_id)],
                "marks": [_plain(m) for m in tx.bank.marks_of(answers)],
            }

    def _candidate(self, tx: Transaction, candidate_id: str) -> Candidate:
        found = tx.candidates.candidate(candidate_id)
        if found is not None:
            return found
        raise ErasedError(candidate_id) if tx.candidates.tombstone(candidate_id) else MissingError("candidate", candidate_id)


def _plain(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json")
