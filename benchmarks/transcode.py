"""A ladder of four renditions, bucket to bucket: ``python -m benchmarks.transcode``.

Side by side in every round: one ffmpeg command with four outputs on local files, four separate
commands, and the platform's own way from the request to the last rendition in the bucket. Every
time is printed as soon as it is known, the medians so far after every round.
"""

import argparse
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.camera import camera_source
from benchmarks.contents import contents
from benchmarks.customer import Customer, Ran, Rung
from benchmarks.raw import ffmpeg
from local.testing import running_stack

_LADDER = [
    Rung("FHD", 1920, 1080),
    Rung("HD", 1280, 720),
    Rung("SD", 854, 480),
    Rung("LD", 640, 360),
]
_JOINT_GOAL, _SEPARATE_GOAL, _OVERHEAD_GOAL_MS = 1.05, 0.9, 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="length of the source")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openvod-benchmark-") as place:
        folder = Path(place)
        source = camera_source(options.seconds)
        settings = {
            "OPENVOD_LOCAL_HEAVY_WORKERS": "1",
            # One worker makes all of it, however long it takes on this machine.
            "OPENVOD_TRANSCODE_TARGET_SECONDS": "100000",
            "OPENVOD_TRANSCODE_SECONDS": "100000",
        }
        with running_stack(folder / "data", env=settings) as stack:
            _measure(Customer(stack), source, folder, options.rounds)


def _measure(customer: Customer, source: Path, folder: Path, rounds: int) -> None:
    video_id = customer.upload(source)
    group_id = customer.group(_LADDER)
    # The first use of a worker loads what it needs; that is not measured.
    customer.transcode(video_id, customer.group([Rung("LD", 256, 144, preset="veryfast")]))
    times = _Times()
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        times.joint.append(_told("one raw command, four outputs", _joint(source, folder)))
        each = [_told(f"raw {rung.name}", _separate(source, folder, rung)) for rung in _LADDER]
        times.separate.append(sum(each))
        times.ours.append(customer.transcode(video_id, group_id))
        _told("bucket to bucket", times.ours[-1].seconds)
        _report(times)
    good = [_check(customer.download(job, folder), source) for job in times.ours[-1].jobs]
    print("every output is what was asked for" if all(good) else "AN OUTPUT IS WRONG")


def _check(made: Path, source: Path) -> bool:
    """Decode a rendition to its end, and hold it against its rung and the source."""
    whole, found = contents(source), contents(made)
    rungs = {(rung.width, rung.height): rung.name for rung in _LADDER}
    frame = max(whole.times) / max(1, len(whole.times) - 1)
    apart = abs(max(whole.times) - max(found.times))
    good = found.codec == "h264" and found.size in rungs and apart <= frame
    print(
        f"  {rungs.get(found.size, 'of no rung')}: {found.codec}, {found.size[0]}x{found.size[1]},"
        f" {len(found.times)} of {len(whole.times)} frames, its end {apart * 1000:.1f} ms apart"
    )
    return good and len(found.times) == len(whole.times)


@dataclass
class _Times:
    """What has been measured so far, in seconds."""

    joint: list[float] = field(default_factory=list)
    separate: list[float] = field(default_factory=list)
    ours: list[Ran] = field(default_factory=list)


def _told(what: str, seconds: float) -> float:
    print(f"  {what}: {seconds:.2f} s", flush=True)
    return seconds


def _report(times: _Times) -> None:
    wall = statistics.median(ran.seconds for ran in times.ours)
    encoder = statistics.median(ran.encoder_seconds for ran in times.ours)
    around = statistics.median(ran.working_seconds - ran.encoder_seconds for ran in times.ours)
    one, four = statistics.median(times.joint), statistics.median(times.separate)
    each = around * 1000 / len(_LADDER)
    print(f"medians of {len(times.ours)}")
    print(f"  one raw command, four outputs:  {one:8.2f} s")
    print(f"  four raw commands:              {four:8.2f} s")
    print(f"  bucket to bucket:               {wall:8.2f} s, of which ffmpeg {encoder:.2f} s")
    print(f"  to one raw command:   {wall / one:5.3f}  (goal: at most {_JOINT_GOAL})")
    print(f"  to four raw commands: {wall / four:5.3f}  (goal: at most {_SEPARATE_GOAL})")
    print(
        f"  around ffmpeg: {around * 1000:.0f} ms for the run, {each:.0f} ms for each of its jobs"
        f"  (goal: under {_OVERHEAD_GOAL_MS} ms a job)",
        flush=True,
    )


def _joint(source: Path, folder: Path) -> float:
    graph = f"[0:v]split={len(_LADDER)}" + "".join(f"[s{n}]" for n in range(len(_LADDER)))
    outputs: list[str | Path] = []
    for number, rung in enumerate(_LADDER):
        graph += f";[s{number}]scale={rung.width}:{rung.height}:flags=bicubic[v{number}]"
        outputs += ["-map", f"[v{number}]", "-map", "0:a", *_encoders(rung)]
        outputs.append(folder / f"raw-{rung.name}.mp4")
    return ffmpeg("-i", source, "-filter_complex", graph, *outputs)


def _separate(source: Path, folder: Path, rung: Rung) -> float:
    size = f"scale={rung.width}:{rung.height}:flags=bicubic"
    path = folder / f"raw-{rung.name}.mp4"
    return ffmpeg("-i", source, "-vf", size, *_encoders(rung), path)


def _encoders(rung: Rung) -> list[str]:
    video = ["-c:v", "libx264", "-preset", rung.preset, "-crf", str(rung.crf), "-g", "50"]
    audio = ["-c:a", "aac", "-b:a", f"{rung.audio_kbps}k", "-ar", "48000"]
    return [*video, *audio, "-movflags", "+faststart"]


if __name__ == "__main__":
    main()
