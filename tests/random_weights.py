"""Random weights under which every stage matters: the package's own starting values leave whole parts of the codec idle."""

from __future__ import annotations

from typing import Any

import torch


def fill(model: torch.nn.Module, seed: int) -> None:
    """Fill parameters and stored buffers, the same for the same seed."""
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if not name.endswith(("inv_freq", "padding_total", "stride", "kernel_size")):
                _fill(name, tensor, source)


def _fill(name: str, tensor: torch.Tensor, source: torch.Generator) -> None:
    if name.endswith(("cluster_usage", "initialized")) or (name.endswith("weight") and "norm" in name):
        tensor.fill_(1.0)
    elif name.endswith("gamma") or "layer_scale" in name:  # 1e-6 and 0.01 at the start: a block that does nothing
        tensor.fill_(0.3)
    else:
        tensor.normal_(generator=source).mul_(_spread(name, tensor))


def _spread(name: str, tensor: torch.Tensor) -> float:
    if name.endswith(("embedding_sum", "embed_sum")):  # all zeros at the start: every code sounds the same
        return 1.0
    if name.endswith((".alpha", ".beta")):
        return 0.1
    if tensor.dim() == 1:
        return 0.01
    if (
        name == "speaker_encoder.fc.weight"
    ):  # logarithms of energies go in: an embedding as large as the others comes out
        return 0.01
    if tensor.dim() == 3:  # convolutions, scaled by what goes into one output so that the wave stays near 1
        inputs = tensor.shape[0] if "TransConv" in name else tensor.shape[1] * tensor.shape[2]
        return float(inputs) ** -0.5
    return float(tensor.shape[-1]) ** -0.5


def calibrate(decoder: Any, codebook: int) -> None:
    """Scale the codec's decoder, block by block, to a wave that its last clamp does not cut."""
    codes = torch.randint(0, codebook, (1, 16, 12), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        frames = decoder.pre_conv(decoder.quantizer.decode(codes)).transpose(1, 2)
        wave = decoder.pre_transformer(inputs_embeds=frames).last_hidden_state.permute(0, 2, 1)
        for block in (block for pair in decoder.upsample for block in pair):
            wave = block(wave)
        *blocks, last = decoder.decoder
        for block in blocks:
            if (convolution := _convolution(block)) is not None:
                for _ in range(3):  # what follows it inside the block is not linear
                    convolution.weight.div_(block(wave).std().clamp(min=1e-6))
            wave = block(wave)
        last.conv.weight.mul_(0.15 / last(wave).std())
        last.conv.bias.sub_(last(wave).mean())


def _convolution(block: Any) -> Any:
    if hasattr(block, "block"):
        return block.block[1].conv
    return getattr(block, "conv", None)


# How much of the last hidden state the channel below takes: enough to decide, too little to drown the others.
_SHARE = 2.0


def lean(talker: Any, towards_end: float) -> None:
    """Add about `towards_end` to the logit of the end from the third frame on: -50 is never, 50 is at once.

    The head has no bias, so channel 0 becomes one: every codec embedding carries it and no layer touches it.
    """
    with torch.no_grad():
        tables = [talker.model.codec_embedding, *talker.code_predictor.model.codec_embedding]
        for table in tables:
            table.weight[:, 0] = _SHARE / len(tables)
        for layer in talker.model.layers:
            layer.self_attn.o_proj.weight[0] = 0.0
            layer.mlp.down_proj.weight[0] = 0.0
        talker.text_projection.linear_fc2.weight[0] = 0.0
        talker.text_projection.linear_fc2.bias[0] = 0.0
        talker.codec_head.weight[:, 0] = 0.0
        talker.codec_head.weight[talker.config.codec_eos_token_id, 0] = towards_end / _SHARE
