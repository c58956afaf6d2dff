"""Fine-tune the pinned base, or what came of it, as a cross-encoder, by sentence-transformers' own trainer; resumable.

Twins (a sentence for a statement and its near copy against it, one after the other in the rows) go through the model in one batch, and beside
the cross-entropy of all stands a loss on the difference of the two: what they share then teaches nothing, only what tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import CrossEntropyLoss
from sentence_transformers.util import batch_to_device
from transformers.trainer_utils import get_last_checkpoint

from corpus.meaning.cross import MAX_TOKENS
from corpus.meaning.train.batches import are_twins, batches, n_batches

__all__ = ["ALLOWED", "LABELS", "Model", "fine_tune", "open_base", "possible_loss", "probabilities", "put_weights"]

Model = CrossEncoder
LABELS = ("support", "contradict", "silent")
# Which of them a label leaves possible: the first three are certain, the others say what the pair is not.
ALLOWED = {
    "support": (1, 0, 0), "contradict": (0, 1, 0), "silent": (0, 0, 1), "uncontradicted": (1, 0, 1), "unsupported": (0, 1, 1),
}  # fmt: skip
_BATCH = 32


def open_base(folder: Path, *, frozen: int = 0, n_labels: int = len(LABELS), dropout: float = 0.0) -> CrossEncoder:
    """Open a BERT (the base, or a checkpoint) with so many outputs; a head of another size is made anew.

    Its embeddings stay as they are, so they need no delta, and so do the lowest `frozen` layers, which saves time. Nothing is dropped out unless
    asked: the stance knows its own sentences no better than a new writer's, so it is not the noise that it lacks (docs/experiments.md).
    """
    torch.manual_seed(0)
    dropped = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    model = CrossEncoder(
        str(folder), num_labels=n_labels, max_length=MAX_TOKENS, device=_device(), model_kwargs={"ignore_mismatched_sizes": True},
        config_kwargs=dropped,
    )  # fmt: skip
    for name, parameter in model.model.named_parameters():
        parameter.requires_grad = not any(part in name for part in ("embeddings", *(f"layer.{n}." for n in range(frozen))))
    return model


def fine_tune(
    model: CrossEncoder, pairs: Sequence[tuple[str, str]], labels: Sequence[int], folder: Path, *, epochs: float, rate: float, seed: int = 0
) -> None:
    """Train `model` in place; checkpoints go to `folder`, and a stopped run goes on from the last of them."""
    rows = Dataset.from_dict({"text": [a for a, _ in pairs], "statement": [b for _, b in pairs], "label": list(labels)})
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(folder), num_train_epochs=epochs, learning_rate=rate, per_device_train_batch_size=_BATCH, warmup_steps=0.06,
        lr_scheduler_type="linear", weight_decay=0.01, seed=seed, bf16=True, save_steps=200, save_total_limit=1, logging_steps=50,
        report_to=[], disable_tqdm=True, dataloader_num_workers=0, batch_sampler=ByLength, use_cpu=_device() == "cpu",
    )  # fmt: skip
    loss = TwinLoss(model) if model.model.config.num_labels == len(LABELS) else CrossEntropyLoss(model)
    trainer = CrossEncoderTrainer(model=model, args=arguments, train_dataset=rows, loss=loss)
    last: str | None = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    trainer.train(resume_from_checkpoint=last)


class TwinLoss(CrossEntropyLoss):  # type: ignore[misc]
    """Cross-entropy of what the labels leave possible, and for twins half the logistic loss of their margin.

    The margin: support less contradiction of the true one, less that of the false.

    The logistic loss of a margin: Burges et al., *Learning to rank using gradient descent*, 2005.
    """

    def forward(self, inputs: list[list[str]], labels: torch.Tensor, prompt: str | None = None, task: str | None = None) -> torch.Tensor:
        """The loss of one batch of (text, statement) pairs."""
        rows = list(zip(*inputs, strict=True))
        tokens = batch_to_device(self.model.preprocess(rows, prompt=prompt, task=task), self.model.device)
        logits = self.activation_fn(self.model(tokens)["scores"])
        loss = possible_loss(logits, labels)
        known = labels.tolist()
        first = [i for i in range(len(rows) - 1) if are_twins((*rows[i], known[i]), (*rows[i + 1], known[i + 1]))]
        if not first:
            return loss
        support = logits[:, 0] - logits[:, 1]
        at = torch.tensor(first, device=logits.device)
        return loss + 0.5 * torch.nn.functional.softplus(support[at + 1] - support[at]).mean()


def possible_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Minus the mean log-probability that one of the classes that the label leaves possible is right; (n, 3) and (n,) to a number.

    For a certain label that is the cross-entropy; for the others Grandvalet, *Logistic regression for partial labels*, 2002.
    """
    possible = torch.tensor(list(ALLOWED.values()), dtype=torch.bool, device=logits.device)[labels]
    left = logits.masked_fill(~possible, float("-inf"))
    return (torch.logsumexp(logits, dim=1) - torch.logsumexp(left, dim=1)).mean()


class ByLength(DefaultBatchSampler):  # type: ignore[misc]
    """Random batches of pairs of like length: little padding, a third of the time saved."""

    def __iter__(self) -> Iterator[list[int]]:
        data: Any = self.sampler
        rows = list(zip(list(data["text"]), list(data["statement"]), list(data["label"]), strict=True))  # a column is read row by row
        yield from batches(rows, self.batch_size, np.random.default_rng(self.seed + self.epoch))

    def __len__(self) -> int:
        return n_batches(len(self.sampler), self.batch_size)


def probabilities(model: CrossEncoder, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Logits' softmax, (n, n_labels), in single precision without quantisation."""
    if not pairs:
        return np.zeros((0, int(model.model.config.num_labels)))
    found = model.predict([list(p) for p in pairs], batch_size=64, apply_softmax=True, show_progress_bar=False)
    return np.asarray(found, float)


def put_weights(model: CrossEncoder, weights: Mapping[str, NDArray[Any]]) -> None:
    """Replace the model's weights by arrays named as in the base, without "bert."; those not named stay."""
    state = model.model.state_dict()
    known = {name: weights.get(name.removeprefix("bert.")) for name in state}
    model.model.load_state_dict(
        {name: state[name] if array is None else torch.from_numpy(np.ascontiguousarray(array)) for name, array in known.items()}
    )


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
