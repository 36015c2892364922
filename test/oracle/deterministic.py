"""Numbers of the programs beside, the same as those of test/support/oracle.ts."""

import numpy as np


def uniform(salt, key, count):
    """`count` numbers in [0, 1)."""
    h = 0x811C9DC5
    for byte in f'{salt}:{key}'.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = (h + np.arange(count, dtype=np.uint64) * 2654435761) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & 0xFFFFFFFF
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & 0xFFFFFFFF
    x ^= x >> 16
    return x / 2.0**32


def excerpt(values):
    """Sixteen numbers from the start and from the middle of an array, and the sum of all."""
    values = np.asarray(values, dtype=np.float64).ravel()
    return {'head': values[:16].tolist(), 'middle': values[values.size // 2 :][:16].tolist(), 'sum': values.sum()}
