"""Examples for the OpenAPI document; a test validates each against its record."""

from __future__ import annotations

from typing import Any

__all__ = ["BATCH", "BATCH_GRADES", "GRADE_EXAMPLE", "INLINE", "KNOWN", "PROBLEM"]

_ANSWER = "Flask only has a small core, the rest comes from extensions. Sessions are stored on the server."

KNOWN: dict[str, Any] = {"id": "candidate-17", "question_id": "adv-003", "answer": _ANSWER}

INLINE: dict[str, Any] = {
    "question": "What does HTTP status 404 mean?",
    "reference_answers": ["The server found no resource at the URL of the request."],
    "key_points": [
        {"id": "k1", "text": "The requested resource was not found.", "weight": 0.7},
        {"id": "k2", "text": "The server could be reached and answered.", "weight": 0.3},
    ],
    "answer": "The page was not found.",
    "max_score": 10,
}

BATCH: list[dict[str, Any]] = [KNOWN, {"id": "candidate-18", "question_id": "adv-03", "answer": "It is small."}]

GRADE_EXAMPLE: dict[str, Any] = {
    "id": "candidate-17",
    "question_id": "adv-003",
    "score": 2.75,
    "max_score": 5.0,
    "interval": [1.9, 3.6],
    "verdict": "partially_correct_incomplete",
    "confidence": 0.71,
    "needs_review": True,
    "review_reasons": ["A claim may be false: “Sessions are stored on the server” (FLK012)."],
    "key_points": [
        {
            "id": "k1",
            "text": "Flask is called a microframework because its core is kept small and extensible.",
            "weight": 0.6,
            "state": "stated",
            "confidence": 0.93,
            "evidence": {"start": 0, "end": 59, "text": "Flask only has a small core, the rest comes from extensions"},
        },
        {
            "id": "k2",
            "text": "The term microframework does not mean that Flask is limited to small applications.",
            "weight": 0.4,
            "state": "missing",
            "confidence": 0.88,
            "evidence": None,
        },
    ],
    "false_claims": [
        {
            "code": "FLK012",
            "name": "session-cookie-client-side",
            "start": 61,
            "end": 94,
            "text": "Sessions are stored on the server",
            "truth": "By default Flask keeps session data in a signed cookie on the client.",
            "sources": [{"title": "Quickstart", "url": "https://flask.palletsprojects.com/en/stable/quickstart/#sessions"}],
            "confidence": 0.96,
        }
    ],
    "reference_issues": [],
    "gaming": [],
    "feedback": "Stated: the small core. Missing: that small does not mean small applications.",
    "model": "viva-scoring-01234567+viva-stance-01234567+viva-assessor-01234567+all-MiniLM-L6-v2-int8",
    "corpus": "0123456789ab",
}

BATCH_GRADES: list[dict[str, Any]] = [
    GRADE_EXAMPLE,
    {
        "id": "candidate-18",
        "error": {"code": "unknown_question", "message": "No question 'adv-03' in the corpus. Did you mean adv-003 or adv-030?"},
    },
]

PROBLEM: dict[str, Any] = {
    "type": "urn:viva:problem:invalid",
    "title": "The record is invalid",
    "status": 422,
    "detail": "answer: missing",
    "instance": "/v1/grade",
    "errors": [{"place": "answer", "pointer": "#/answer", "detail": "missing"}],
}
