"""
The teacher's body: the six layers of all-MiniLM-L6-v2 (Apache-2.0), read from the package that ships its weights.
"""
import importlib.util
import io
import json
import os
import struct
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
from tokenizers import Tokenizer

LAYERS, SIZE, HEADS = 6, 384, 12


def load():
    """Parameters and tokeniser."""
    # Found without importing it: the package asks for libraries that are not needed here.
    folder = os.path.dirname(importlib.util.find_spec('all_minilm_l6_v2').origin)
    archive = zipfile.ZipFile(os.path.join(folder, 'model.zip'))
    raw = archive.read('model.safetensors')
    size = struct.unpack('<Q', raw[:8])[0]
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != '__metadata__' and entry['dtype'] == 'F32':
            start, end = entry['data_offsets']
            tensors[name] = np.frombuffer(raw[8 + size + start:8 + size + end], np.float32).reshape(entry['shape'])
    layers = []
    for i in range(LAYERS):
        t = lambda name: tensors[f'encoder.layer.{i}.{name}']
        three = [f'attention.self.{x}' for x in ('query', 'key', 'value')]
        layers.append(dict(
            three=np.concatenate([t(x + '.weight').T for x in three], 1),
            three_bias=np.concatenate([t(x + '.bias') for x in three]),
            joined=t('attention.output.dense.weight').T, joined_bias=t('attention.output.dense.bias'),
            norm=t('attention.output.LayerNorm.weight'), norm_bias=t('attention.output.LayerNorm.bias'),
            wide=t('intermediate.dense.weight').T, wide_bias=t('intermediate.dense.bias'),
            back=t('output.dense.weight').T, back_bias=t('output.dense.bias'),
            last=t('output.LayerNorm.weight'), last_bias=t('output.LayerNorm.bias')))
    e = lambda name: tensors[f'embeddings.{name}.weight']
    base = dict(words=e('word_embeddings'), places=e('position_embeddings'), types=e('token_type_embeddings'),
                norm=e('LayerNorm'), norm_bias=tensors['embeddings.LayerNorm.bias'])
    tokenizer = Tokenizer.from_str(io.TextIOWrapper(archive.open('tokenizer.json'), 'utf-8').read())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return jax.tree.map(jnp.array, dict(base=base, layers=layers)), tokenizer


def normalised(x, scale, bias):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12) * scale + bias


def embed(base, ids):
    return normalised(base['words'][ids] + base['places'][:ids.shape[1]] + base['types'][0], base['norm'], base['norm_bias'])


def layer(p, x, mask):
    size, length, _ = x.shape
    q, k, v = jnp.split((x @ p['three'] + p['three_bias']).reshape(size, length, 3 * HEADS, SIZE // HEADS), 3, 2)
    weight = jnp.einsum('bqhd,bkhd->bhqk', q, k) / np.sqrt(SIZE // HEADS) + (1 - mask)[:, None, None, :] * -1e9
    seen = jnp.einsum('bhqk,bkhd->bqhd', jax.nn.softmax(weight), v).reshape(size, length, SIZE)
    x = normalised(x + seen @ p['joined'] + p['joined_bias'], p['norm'], p['norm_bias'])
    wide = jax.nn.gelu(x @ p['wide'] + p['wide_bias'], approximate=True)
    return normalised(x + wide @ p['back'] + p['back_bias'], p['last'], p['last_bias'])
