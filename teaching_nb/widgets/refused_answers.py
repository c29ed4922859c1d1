"""Answers of a quiz that the hub has refused: what was answered stays readable with the reason, and is sent no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.widgets.questions import QuizQuestion


class RefusedAnswers:
    """Follows the models of answers, as far as this kernel has opened them. Any thread."""

    def __init__(self, on_change: Callable[[Any], None]) -> None:
        self._on_change = on_change
        self._models: dict[str, DocumentModel] = {}
        """By `qid`."""

    def follow(self, qid: str, model: DocumentModel | None) -> None:
        """Call `on_change` when something else is known of how the answer to a question is saved."""
        known = self._models.get(qid)
        if model is None or model is known:
            return
        if known is not None:
            known.unobserve(self._on_change, "save_detail")
        self._models[qid] = model
        model.observe(self._on_change, "save_detail")

    def said_of(self, question: QuizQuestion) -> str:
        """Return what was answered to a question, and why that is not saved; empty where nothing was refused."""
        model = self._models.get(question.qid)
        if model is None or not model.gate.facts.is_unsaved:
            return ""
        state, why = model.saved_here()
        if state not in {"refused", "read-only"}:
            return ""
        return f"answering “{question.ask[:60]} {question.in_words(model.gate.peek('data'))}” did not work: {why}."

    def close(self) -> None:
        """Follow no longer."""
        for model in self._models.values():
            model.unobserve(self._on_change, "save_detail")
