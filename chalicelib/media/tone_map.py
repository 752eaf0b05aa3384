"""HDR colours brought to ordinary ones, as a table (a .cube file, which ffmpeg's lut3d reads).

PQ or HLG in BT.2020 (ITU-R BT.2100) becomes BT.709 through linear light, in which 1 is reference
white (203 cd/m2, ITU-R BT.2408). What is darker than half of white stays as it is; what is
brighter, up to five times white, is compressed below white. Computing this for every pixel takes
a filter ten times longer than looking it up.
"""

import math
from functools import lru_cache
from itertools import product
from typing import Literal

Transfer = Literal["smpte2084", "arib-std-b67"]

_SIDE = 33
_REFERENCE_WHITE = 203.0
_KNEE, _PEAK = 0.5, 5.0
_DISPLAY_GAMMA = 2.4
# BT.2020 to BT.709 in linear light (ITU-R BT.2087).
_TO_BT709 = (
    (1.660491, -0.587641, -0.072850),
    (-0.124550, 1.132900, -0.008349),
    (-0.018151, -0.100579, 1.118730),
)
_BT2020_LUMA = (0.2627, 0.6780, 0.0593)

_Colour = tuple[float, float, float]


@lru_cache(maxsize=2)
def tone_map_cube(transfer: Transfer) -> str:
    """The table as the text of a .cube file: full range R'G'B' of `transfer` to that of BT.709."""
    curve = _pq if transfer == "smpte2084" else _hlg
    steps = [curve(step / (_SIDE - 1)) for step in range(_SIDE)]
    lines = [f"LUT_3D_SIZE {_SIDE}"]
    for blue, green, red in product(steps, repeat=3):
        light = (red, green, blue)
        shown = _shown(light if transfer == "smpte2084" else _displayed(light))
        lines.append("{:.6f} {:.6f} {:.6f}".format(*shown))
    return "\n".join(lines) + "\n"


def _pq(signal: float) -> float:
    """The light of a PQ signal, in units of reference white (SMPTE ST 2084)."""
    root = math.pow(signal, 1 / 78.84375)
    ratio = max(0.0, root - 0.8359375) / (18.8515625 - 18.6875 * root)
    light = math.pow(ratio, 1 / 0.1593017578125)
    return light * 10_000 / _REFERENCE_WHITE


def _hlg(signal: float) -> float:
    """The light of the scene that an HLG signal stands for, 0 to 1 (ARIB STD-B67)."""
    if signal <= 0.5:
        return signal * signal / 3
    return (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _displayed(scene: _Colour) -> _Colour:
    """The light of a display of 1000 cd/m2, in units of reference white."""
    luma = sum(share * part for share, part in zip(_BT2020_LUMA, scene, strict=True))
    gain = math.pow(luma, 0.2) * 1000 / _REFERENCE_WHITE
    return scene[0] * gain, scene[1] * gain, scene[2] * gain


def _shown(light: _Colour) -> _Colour:
    red, green, blue = light
    linear = [a * red + b * green + c * blue for a, b, c in _TO_BT709]
    brightest = max(linear)
    if brightest > _KNEE:
        gain = _compressed(brightest) / brightest
        linear = [part * gain for part in linear]
    made = [min(1.0, max(0.0, part)) ** (1 / _DISPLAY_GAMMA) for part in linear]
    return made[0], made[1], made[2]


def _compressed(light: float) -> float:
    """A Moebius curve that leaves the knee with a slope of 1 and meets 1 at the peak."""
    knee, peak = _KNEE, _PEAK
    low = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
    high = (knee * knee - 2 * knee * peak + peak) / (peak - 1)
    return (high + knee) ** 2 / (high - low) * (light + low) / (light + high)
