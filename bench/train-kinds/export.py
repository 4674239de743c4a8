"""Writes the data file that `src/analysis/network/weights.ts` reads: 16-bit dense layers, 8-bit tables."""
import numpy as np

from student import HASHED, HIDDEN, K, STATE, TURNS, WORD

MAGIC, LAYOUT = 0x444B524F, 2
DENSE = ('input', 'input_bias', 'features', 'near', 'near_bias', 'far', 'far_bias', 'late', 'gate_input', 'gate_state',
         'gate_bias', 'state_output', 'output', 'output_bias')
TABLES = ('words', 'hashed', 'pairs')


def rounded(values, limit, kind, quantiles=(1.0,)):
    """The values as whole numbers and their scale: that of the quantiles which loses least."""
    size = np.abs(values)
    best = None
    for quantile in quantiles:
        scale = np.float32(max(np.quantile(size, quantile), 1e-9) / limit)
        whole = np.clip(np.round(values / scale), -limit, limit)
        error = ((whole * scale - values) ** 2).sum()
        if best is None or error < best[0]:
            best = (error, scale, whole)
    return best[1], best[2].astype(kind)


def write(path, p, data, temperature, version):
    """Returns the parameters as they come back from the file."""
    header = np.zeros(16, '<i4')
    header[:12] = [MAGIC, LAYOUT, version, len(data.word_hashes), WORD, HASHED, HIDDEN, STATE, K + TURNS, data.index['features'],
                   data.index['hashed'], data.index['pairs']]
    parts = [header.tobytes(), data.word_hashes.astype('<i4').tobytes(), np.float32(temperature).tobytes()]
    back = dict(p)
    # One layer gives both.
    both = ('output', 'output_bias', 'pairs')
    p = p | {name: np.concatenate([p[name], p['turn_' + name]], -1) for name in both}
    for name in DENSE + TABLES:
        values = np.asarray(p[name], np.float64).ravel()
        if name in DENSE:
            scale, whole = rounded(values, 32767, '<i2')
        else:
            scale, whole = rounded(values, 127, '<i1', (1.0, 0.9999, 0.9995, 0.999, 0.998))
        body = whole.tobytes()
        parts += [scale.tobytes(), body, b'\0' * (-len(body) % 4)]
        back[name] = (whole * scale).astype(np.float32).reshape(np.shape(p[name]))
    for name in both:
        back[name], back['turn_' + name] = np.split(back[name], [K], -1)
    file = b''.join(parts)
    with open(path, 'wb') as out:
        out.write(file)
    return back, len(file)
