"""Writes a reader as the file that `archive/facts/decide` runs: ONNX, its weights as int8 with a scale a row; and reads it back.

The runtime expands the weights to float32 when it loads them, so that a window's result depends on nothing but the window.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from archive.facts.decide.model import INPUTS, OUTPUTS
from archive.facts.decide.windows import FEATURES, GUESSES
from training.network import TYPES, Inputs, Reader

_SMALLEST = 1024  # elements of the smallest tensor that is packed
_OPSET = 18
_TRANSPOSED = re.compile(r"val_\d+$")


class _OneWindow(nn.Module):
    """A reader of one window, as a function of plain tensors."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(
        self, tokens: Tensor, hints: Tensor, sentences: Tensor, first: Tensor, last: Tensor, features: Tensor,
        guesses: Tensor, allowed: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        window = (tokens, hints, sentences, first, last, guesses, features, allowed)
        inputs = Inputs(
            *(each[None] for each in window), tokens
        )  # one window has no padding, so its length is not looked at
        outputs = self.reader.decide(self.reader.enc(tokens[None], hints[None]), inputs)
        return tuple(each[0] for each in outputs)


def export(reader: Reader, path: Path) -> None:
    """Write a reader to `path`."""
    n, t = 3, 40
    inputs = (
        torch.ones(t, dtype=torch.long), torch.zeros(t, dtype=torch.long), torch.zeros(t, dtype=torch.long),
        torch.tensor([2, 5, 9]), torch.tensor([3, 6, 9]), torch.zeros(n, len(FEATURES), dtype=torch.long),
        torch.zeros(n, GUESSES, dtype=torch.long), torch.ones(n, len(TYPES)),
    )  # fmt: skip
    tokens, items = torch.export.Dim("tokens", min=4, max=4096), torch.export.Dim("items", min=2, max=100_000)
    by_input = {name: tokens if name in ("tokens", "hints", "sentences") else items for name in INPUTS}
    reader.eval()
    program = torch.onnx.export(
        _OneWindow(reader), inputs, input_names=list(INPUTS), output_names=list(OUTPUTS), opset_version=_OPSET, dynamo=True,
        dynamic_shapes={name: {0: dim} for name, dim in by_input.items()}, verbose=False,
    )  # fmt: skip
    model = program.model_proto
    _strip(model)
    _pack(model.graph)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def load(path: Path, reader: Reader) -> None:
    """Give a reader the weights in a file that `export` wrote. Raises RuntimeError or ValueError where they are of another network."""
    graph = onnx.load(path).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            packed, scale = (stored.pop(name) for name in node.input)
            axis = next(attribute.i for attribute in node.attribute if attribute.name == "axis")
            shape = [1] * packed.ndim
            shape[axis] = -1
            stored[node.output[0]] = packed.astype(np.float32) * scale.reshape(shape)
    state = {name.removeprefix("reader."): values for name, values in stored.items() if name.startswith("reader.")}
    # The exporter transposes the matrices of the blocks, and numbers them in the order in which they are used.
    used = [name for name in reader.state_dict() if name.startswith("enc.bl.") and name not in state]
    transposed = sorted(
        (n for n, v in stored.items() if _TRANSPOSED.match(n) and v.ndim == 2), key=lambda n: int(n[4:])
    )
    state |= {name: stored[other].T for name, other in zip(used, transposed, strict=True)}
    reader.load_state_dict({name: torch.tensor(np.ascontiguousarray(values)) for name, values in state.items()})


def _strip(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes about its source code."""
    for part in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.input,
        *model.graph.output,
        *model.graph.initializer,
    ):
        del part.metadata_props[:]
        part.doc_string = ""
    del model.graph.value_info[:]


def _pack(graph: onnx.GraphProto) -> None:
    """Replace large float32 weights by int8 ones with a scale a row; DequantizeLinear expands them."""
    large = [w for w in graph.initializer if w.data_type == TensorProto.FLOAT and np.prod(w.dims) >= _SMALLEST]
    added = []
    for weight in large:
        values = numpy_helper.to_array(weight)
        axis = 0 if values.shape[0] > values.shape[-1] or values.ndim == 1 else values.ndim - 1
        other = tuple(i for i in range(values.ndim) if i != axis)
        scale = np.maximum(np.abs(values).max(axis=other), 1e-8).astype(np.float32) / 127
        shape = [1] * values.ndim
        shape[axis] = -1
        packed = np.clip(np.round(values / scale.reshape(shape)), -127, 127).astype(np.int8)
        name = weight.name
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(packed, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        added.append(helper.make_node("DequantizeLinear", [f"{name}.int8", f"{name}.scale"], [name], axis=axis))
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
