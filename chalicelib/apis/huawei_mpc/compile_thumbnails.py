"""Snapshots beside the outputs of a transcoding task (MPC API manual, tables 8-11 and 8-12)."""

from collections.abc import Collection

from chalicelib.apis.huawei_mpc.tasks import target_place
from chalicelib.apis.huawei_mpc.transcoding_documents import Thumbnail
from chalicelib.processing.file_specs import PicturesSpec
from chalicelib.processing.file_tasks import FileJob, FilePlace

_SIZES = frozenset({(1920, 1080), (1280, 720), (854, 480), (480, 270)})
_PACKED = 0


def compile_thumbnail(
    asked: Thumbnail, sizes: Collection[tuple[int, int]], output: FilePlace, source: str
) -> list[FileJob]:
    """The job, or none: the manual takes snapshots beside outputs of certain sizes alone.

    ``source``: the name of the file, for an archive without a name. Raises RestError.
    """
    if not _SIZES & set(sizes):
        return []
    target = target_place(asked.out) if asked.out else output
    wanted, stem = asked.params, asked.params.stem
    alone = len(wanted.places) == 1 and stem is not None
    archive = f"{stem or source.rpartition('.')[0] or source}.tar"
    spec = PicturesSpec(
        pictures=wanted.spec(),
        numbered=not alone,
        archive=archive if asked.tar == _PACKED else None,
        bucket=None if target.bucket == output.bucket else target.bucket,
    )
    prefix = stem if alone else f"{stem}_" if stem else ""
    return [FileJob("snapshot", spec.model_dump_json(), f"{target.key}{prefix}")]
