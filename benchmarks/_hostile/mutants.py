"""Changes of files, drawn from a seed."""

import random
import struct

from _hostile.targets import Target

# Numbers at the borders of types, and those that mean something in the headers of these formats.
NUMBERS = [*range(20), 127, 128, 255, 256, 2**15 - 1, 2**16 - 1, 2**16, 2**24, 2**31 - 1, 2**31]
NUMBERS += [2**32 - 8, 2**32 - 1, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]


def mutate(content: bytes, target: Target, rng: random.Random) -> bytes:
    """Change a valid file in one place or several."""
    if target.open_up is not None and rng.random() < 0.7:
        parts, close = target.open_up(content)
        i = rng.randrange(len(parts))
        parts[i] = _change(parts[i], target.snippets, rng)
        return close(parts)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        content = _change(content, target.snippets, rng)
    return content


def _change(content: bytes, snippets: tuple[bytes, ...], rng: random.Random) -> bytes:
    if not content:
        return content
    # Headers are at the beginning or, of an archive, at the end.
    part = rng.choice([(0, len(content)), (0, 512), (len(content) - 512, len(content))])
    at = rng.randrange(max(part[0], 0), min(part[1], len(content)))
    kind = rng.randrange(7 if snippets else 6)
    if kind == 0:
        new = bytes([content[at] ^ 1 << rng.randrange(8)])
    elif kind == 1:
        new = rng.randbytes(rng.randrange(1, 9))
    elif kind == 2:
        size = rng.choice([1, 2, 4, 8])
        at -= at % size
        number = rng.choice(NUMBERS) % 2 ** (8 * size)
        new = struct.pack(rng.choice("<>") + " BH I   Q"[size], number)
    elif kind == 3:
        return content[:at]
    elif kind == 4:  # a piece less
        return content[:at] + content[at + rng.choice([1, 4, 8, 16, 64]) :]
    elif kind == 5:  # a piece twice
        return content[: at + rng.choice([1, 4, 8, 16, 64])] + content[at:]
    else:
        return content[:at] + rng.choice(snippets) + content[at:]
    return content[:at] + new + content[at + len(new) :]


def flip_bit(content: bytes, bit: int) -> bytes:
    """Change a single bit."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
