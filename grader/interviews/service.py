"""`Interviews`: candidates, interviews, questions asked, answers graded and ruled on. The one door for every face.

Who acts is an argument and is checked here; clock and ids are constructor arguments. `key` is an idempotency key: the same key with the same
content gives what was made the first time, with other content KeyReusedError. Methods block (grading takes milliseconds): call them in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.interviews.records import Answer, Asked, Candidate, Draft, Interview, Line, Note, Preview, Replay, Seal, Stage, Tombstone, User
from grader.records import State

__all__ = ["Interviews"]


class Interviews:
    """All about interviews. Every method may raise NotAllowedError, and MissingError or ErasedError where an id leads nowhere."""

    def candidates(self, actor: User, *, q: str = "") -> list[Candidate]:
        """Candidates by name, those whose name or contact has the words of `q`."""
        raise NotImplementedError

    def candidate(self, actor: User, candidate_id: str) -> Candidate:
        """One candidate."""
        raise NotImplementedError

    def add_candidate(self, actor: User, name: str, contact: str = "", *, key: str | None = None) -> Candidate:
        """A new candidate; the same name twice is two people. InvalidError for an empty or too long name."""
        raise NotImplementedError

    def change_candidate(
        self, actor: User, candidate_id: str, *, version: int, name: str | None = None, contact: str | None = None
    ) -> Candidate:
        """Other name or contact; StaleError where `version` is not the one that stands."""
        raise NotImplementedError

    def erase(self, actor: User, candidate_id: str) -> Tombstone:
        """Delete a candidate with interviews, answers, grades, overrides, notes and marks. Owners only. The tombstone stays."""
        raise NotImplementedError

    def export(self, actor: User, candidate_id: str) -> dict[str, object]:
        """Everything stored about a candidate, as plain JSON values."""
        raise NotImplementedError

    def lines(self, actor: User, *, q: str = "", stage: Stage | None = None, candidate_id: str | None = None) -> list[Line]:
        """Interviews, newest first, with state and score; `q` looks into title and candidate."""
        raise NotImplementedError

    def interview(self, actor: User, interview_id: str) -> Interview:
        """One interview. Cheap: poll it for `version`, or use `watch`."""
        raise NotImplementedError

    def add_interview(
        self, actor: User, candidate_id: str, title: str, *, max_score: float = 5, questions: Sequence[str] = (), key: str | None = None
    ) -> Interview:
        """A new interview in stage planned, with these questions (ids of the bank) asked in this order."""
        raise NotImplementedError

    def change_interview(
        self, actor: User, interview_id: str, *, version: int, title: str | None = None, stage: Stage | None = None
    ) -> Interview:
        """Other title or stage; StaleError where `version` is not the one that stands. A finished one can be taken up again."""
        raise NotImplementedError

    def asked(self, actor: User, interview_id: str) -> list[Asked]:
        """The questions of an interview in their order, whole: drafts, answers, grades, overrides, notes."""
        raise NotImplementedError

    def one_asked(self, actor: User, asked_id: str) -> Asked:
        """One question of an interview, whole."""
        raise NotImplementedError

    def ask(self, actor: User, interview_id: str, question_id: str, *, key: str | None = None) -> Asked:
        """Add a question of the bank; it is copied, so that later changes of the bank change nothing here. ConflictError if asked already."""
        raise NotImplementedError

    def drop(self, actor: User, asked_id: str) -> None:
        """Take a question off the list; ConflictError once it has an answer, draft or note."""
        raise NotImplementedError

    def save_draft(self, actor: User, asked_id: str, text: str, *, version: int) -> Draft:
        """Keep what stands in the answer box: durable when this returns. `version` is the draft's as last read.

        StaleError (with the version that stands) where somebody else wrote meanwhile. The same text again changes nothing and is never stale.
        """
        raise NotImplementedError

    def preview(self, actor: User, asked_id: str, text: str, *, version: int) -> Preview:
        """Save the draft and grade it, storing no grade: what the page calls after a pause in typing. Errors as save_draft."""
        raise NotImplementedError

    def try_corrections(self, actor: User, answer_id: str, corrections: Mapping[str, State], dismissed: Sequence[str] = ()) -> float:
        """The score an answer would have, were these key points in these states and these claims (codes) not false; stores nothing."""
        raise NotImplementedError

    def hand_in(self, actor: User, asked_id: str, text: str, *, version: int, key: str | None = None) -> Answer:
        """Grade an answer and store both, sealed. `version` is the Asked's: StaleError where somebody handed in or ruled meanwhile.

        A second answer to the same question stands beside the first, and counts.
        """
        raise NotImplementedError

    def override(
        self,
        actor: User,
        answer_id: str,
        *,
        version: int,
        why: str,
        score: float | None = None,
        corrections: Mapping[str, State] | None = None,
        dismissed: Sequence[str] = (),
        key: str | None = None,
    ) -> Answer:
        """Rule on an answer: a score in [0, max_score], or corrections from which the score is computed anew; neither takes the ruling back.

        `version` is the Asked's. To confirm the machine, rule its own score. InvalidError for a score or key point that cannot be.
        """
        raise NotImplementedError

    def note(self, actor: User, interview_id: str, text: str, *, asked_id: str | None = None, key: str | None = None) -> Note:
        """Add a note to the interview, or to one question of it."""
        raise NotImplementedError

    def notes(self, actor: User, interview_id: str) -> list[Note]:
        """Notes on the interview itself, oldest first; those on a question come with the question."""
        raise NotImplementedError

    def seals(self, actor: User, answer_id: str) -> list[Seal]:
        """The sealed grade of an answer, as stored."""
        raise NotImplementedError

    def replay(self, actor: User, seal_id: str) -> Replay:
        """Grade the sealed input again and say whether the same bytes come out, and if not, what changed."""
        raise NotImplementedError

    def watch(self, interview_id: str, hear: Callable[[int], None]) -> Callable[[], None]:
        """Call `hear(version)` after each change of an interview made by this process, in the thread that made it.

        Returns a function that ends it. Other processes' changes show in `interview(...).version`.
        """
        raise NotImplementedError
