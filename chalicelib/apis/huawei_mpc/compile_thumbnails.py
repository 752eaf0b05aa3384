"""Snapshots beside the outputs of a transcoding task (MPC API manual, tables 8-11 and 8-12)."""

from collections.abc import Collection

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.transcoding_documents import Thumbnail
from chalicelib.apis.huawei_mpc.unusable import unusable
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
    name = asked.params.stem or ""
    single = asked.params.type == "DOTS" and len(asked.params.dots) == 1 and asked.tar == 1
    archive = f"{name or _stem(source)}.tar" if asked.tar == 0 else None
    spec = PicturesSpec(
        pictures=asked.params.spec(), numbered=not (single and name), archive=archive
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


def _stem(source: str) -> str:
    name = source.rpartition("/")[2]
    return name.rpartition(".")[0] or name
