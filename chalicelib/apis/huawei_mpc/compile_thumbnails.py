"""Snapshots beside the outputs of a transcoding task (MPC API manual, tables 8-11 and 8-12)."""

from collections.abc import Collection

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.transcoding_documents import Thumbnail, ThumbnailPara
from chalicelib.apis.huawei_mpc.unusable import unusable
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing.file_specs import PicturesSpec
from chalicelib.processing.file_tasks import FileJob

_SIZES = frozenset({(1920, 1080), (1280, 720), (854, 480), (480, 270)})


def compile_thumbnail(
    asked: Thumbnail,
    sizes: Collection[tuple[int, int]],
    output: ObsObjInfo,
    folder: str,
    source: str,
) -> list[FileJob]:
    """The job, or none: the manual takes snapshots with outputs of certain sizes alone.

    Raises RestError.
    """
    if not _SIZES & set(sizes):
        return []
    out = asked.out or output
    path = out.object.strip("/")
    target = (f"{path}/" if path else "") if asked.out else folder
    if out.bucket != output.bucket:
        raise unusable("thumbnail.out: snapshots go into the bucket of the outputs")
    name = asked.params.output_filename or ""
    single = asked.params.type == "DOTS" and len(asked.params.dots) == 1 and asked.tar == 1
    archive = f"{name or _stem(source)}.tar" if asked.tar == 0 else None
    spec = PicturesSpec(
        pictures=_pictures(asked.params), numbered=not (single and name), archive=archive
    )
    prefix = name if single or not name else f"{name}_"
    return [
        FileJob(
            kind="snapshot",
            spec=spec.model_dump_json(),
            name=f"{target}{prefix}",
            queue="heavy",
        )
    ]


def _pictures(params: ThumbnailPara) -> SnapshotSpec:
    size = _size(params)
    if params.type == "DOTS":
        times = tuple(1000 * second for second in params.dots)
        return SnapshotSpec(count=len(times), times_ms=times, beyond="nothing", **size)
    return SnapshotSpec(
        start_ms=1000 * params.start_time,
        count=None,
        interval_seconds=params.time,
        span_ms=1000 * params.duration if params.duration else None,
        beyond="nothing",
        **size,
    )


def _size(params: ThumbnailPara) -> dict[str, int]:
    """Width and height if both are given, else the longest side, else what there is of them."""
    sides = {"width": params.width, "height": params.height}
    given = {name: side for name, side in sides.items() if side}
    if len(given) < 2 and params.max_length is not None:
        return {"longest": params.max_length}
    return given


def _stem(source: str) -> str:
    name = source.rpartition("/")[2]
    return name.rpartition(".")[0] or name
