"""Transcoding tasks (MPC API manual 8.1 to 8.5)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator

from chalicelib.apis.huawei_mpc import transcoding_views as views
from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.huawei_mpc.compile_renditions import Treatment
from chalicelib.apis.huawei_mpc.compile_tasks import (
    Extras,
    Wanted,
    check_alike,
    check_default_language,
    compile_outputs,
    compile_watermarks,
)
from chalicelib.apis.huawei_mpc.compile_thumbnails import compile_thumbnail
from chalicelib.apis.huawei_mpc.documents import Number, ObsObjInfo
from chalicelib.apis.huawei_mpc.parameters import (
    AudioProcess,
    AudioTrack,
    AvParameters,
    TemplateParameters,
    VideoProcess,
)
from chalicelib.apis.huawei_mpc.tasks import (
    TaskQuery,
    TaskReference,
    UserData,
    source_place,
    target_place,
)
from chalicelib.apis.huawei_mpc.transcoding_documents import (
    AudioFile,
    Crop,
    Encryption,
    MultiAudio,
    Subtitle,
    Thumbnail,
    TracksInfo,
)
from chalicelib.apis.huawei_mpc.unusable import unusable
from chalicelib.apis.huawei_mpc.watermark_documents import (
    MOST_WATERMARKS,
    WatermarkRequest,
    WatermarkTemplate,
)
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.identity.caller import Caller
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import file_tasks, parameter_sets
from chalicelib.processing.errors import TaskNotFound
from chalicelib.processing.file_tasks import FileJob, FilePlace, FileRequest
from chalicelib.processing.output_names import may_write
from chalicelib.processing.subjects import place_of_file

MOST_OUTPUTS = 9

_DAY = timedelta(days=1)


class CreateTranscodingTaskResult(RestResult):
    """The task's number."""

    task_id: int


class CreateTranscodingTask(RestOperation):
    """Make renditions of an object, with templates or with parameters of the task's own (8.1)."""

    input: ObsObjInfo | None = None
    output: ObsObjInfo
    trans_template_id: Annotated[tuple[Number, ...], Field(max_length=MOST_OUTPUTS)] = ()
    av_parameters: Annotated[tuple[AvParameters, ...], Field(max_length=MOST_OUTPUTS)] = ()
    output_filenames: Annotated[tuple[str, ...], Field(max_length=MOST_OUTPUTS)] = ()
    user_data: UserData = ""
    watermarks: Annotated[tuple[WatermarkRequest, ...], Field(max_length=MOST_WATERMARKS)] = ()
    thumbnail: Thumbnail | None = None
    priority: Annotated[int, OneOf(6, 9)] = 6
    subtitle: Subtitle = Subtitle()
    encryption: Encryption = Encryption()
    crop: Crop = Crop()
    audio_track: AudioTrack = AudioTrack()
    multi_audio: MultiAudio | None = None
    video_process: VideoProcess = VideoProcess()
    audio_process: AudioProcess = AudioProcess()

    def perform(self, caller: Caller) -> CreateTranscodingTaskResult:
        source, sounds = _source(self.input, self.multi_audio)
        place, target = source_place(source), target_place(self.output)
        check_default_language(sounds, self.subtitle)
        wanted = self._wanted(caller.account_id)
        extras = self._extras(caller.account_id, sounds)
        name = place.key.rpartition("/")[2]
        request = FileRequest(
            kind="transcode",
            source=place,
            target=target,
            work=[
                *compile_outputs(wanted, extras, name, target.key),
                *self._pictures(wanted, target, name),
            ],
            user_data=self.user_data,
            client=self._client(source).model_dump_json(exclude_none=True),
            priority=self.priority,
            analysed=True,
        )
        _check_places(request)
        task = file_tasks.submit(caller.account_id, request)
        return CreateTranscodingTaskResult(task_id=task.number)

    def _wanted(self, account_id: str) -> list[Wanted]:
        """The outputs: with parameters of the task's own, or else with templates."""
        parameters: Sequence[AvParameters | TemplateParameters] = self.av_parameters
        numbers: Sequence[int | None] = [None] * len(self.av_parameters)
        if not parameters:
            templates = _templates(account_id, self.trans_template_id)
            check_alike(templates)
            parameters, numbers = templates, self.trans_template_id
        if not parameters:
            raise unusable("trans_template_id or av_parameters is required")
        names: Sequence[str | None] = self.output_filenames or [None] * len(parameters)
        if len(names) != len(parameters):
            raise unusable("output_filenames must name every output")
        return [
            Wanted(one, number, name)
            for one, number, name in zip(parameters, numbers, names, strict=True)
        ]

    def _extras(self, account_id: str, sounds: MultiAudio | None) -> Extras:
        numbers = [one.template_id for one in self.watermarks if one.template_id is not None]
        found = parameter_sets.find_sets(account_id, "watermark", numbers)
        known = {one.number: WatermarkTemplate.model_validate_json(one.content) for one in found}
        return Extras(
            treatment=Treatment(
                video=self.video_process,
                audio=self.audio_process,
                track=self.audio_track,
                seconds=self.crop.duration,
            ),
            watermarks=compile_watermarks(self.watermarks, known),
            subtitle=self.subtitle,
            sounds=sounds,
            encryption=self.encryption.hls_encrypt,
        )

    def _pictures(self, wanted: Sequence[Wanted], target: FilePlace, source: str) -> list[FileJob]:
        if self.thumbnail is None:
            return []
        sizes = {
            (one.parameters.video.width, one.parameters.video.height)
            for one in wanted
            if one.parameters.video is not None
        }
        return compile_thumbnail(self.thumbnail, sizes, target, source)

    def _client(self, source: ObsObjInfo) -> views.AskedFor:
        out = self.thumbnail.out or self.output if self.thumbnail else None
        return views.AskedFor(
            input=source,
            output=self.output,
            thumbnail_output=out,
            trans_template_id=None if self.av_parameters else self.trans_template_id,
            av_parameters=self.av_parameters or None,
        )


def _source(
    given: ObsObjInfo | None, sounds: MultiAudio | None
) -> tuple[ObsObjInfo, MultiAudio | None]:
    """The source; without one, the first of the files with further sounds."""
    if given is not None:
        return given, sounds
    if sounds is None or not sounds.audio_files:
        raise unusable("input is required")
    first: AudioFile = sounds.audio_files[0]
    update = {
        "tracks_info": first.tracks_info or (TracksInfo(),),
        "audio_files": sounds.audio_files[1:],
    }
    return first.input, sounds.model_copy(update=update)


def _check_places(request: FileRequest) -> None:
    """Nothing is written over what it is made of, over the source, or over another output.

    Raises RestError.
    """
    specs = [
        (job.name, RenditionSpec.model_validate_json(job.spec))
        for job in request.work
        if job.kind == "transcode"
    ]
    for name, spec in specs:
        for place in (request.source, *map(place_of_file, spec.other_files)):
            if place.bucket == request.target.bucket and may_write(name, spec, place.key):
                raise unusable("the output would be written over the input", "MPC.10209")
        others = (f"{other}.{one.extension}" for other, one in specs if other != name)
        if any(may_write(name, spec, other) for other in others):
            raise unusable("output_filenames: one is a part of another output")


def _templates(account_id: str, numbers: Sequence[int]) -> list[TemplateParameters]:
    found = parameter_sets.find_sets(account_id, "rendition", numbers)
    known = {one.number: one for one in found}
    for number in numbers:
        if number not in known:
            raise failure("MPC.10089", f"template {number}")
    return [TemplateParameters.model_validate_json(known[number].content) for number in numbers]


class CancelTranscodingTask(TaskReference):
    """Give up a task that waits in the queue (manual 8.2)."""

    def perform(self, caller: Caller) -> None:
        try:
            file_tasks.cancel(caller.account_id, "transcode", self.task_id)
        except TaskNotFound:
            raise failure("MPC.10212") from None


class DeleteTranscodingTaskRecord(TaskReference):
    """Forget a task that has ended; its outputs stay (manual 8.4)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.delete(caller.account_id, "transcode", self.task_id)


class ListTranscodingTasks(TaskQuery):
    """Tasks by their numbers, or a page of them, newest first (manual 8.3)."""

    status: Annotated[str, OneOf(*views.STATES, "NEED_TO_BE_AUDIT")] | None = None

    def perform(self, caller: Caller) -> views.ListTranscodingTasksResult:
        wanted: dict[str, object] = {}
        if self.status == "NEED_TO_BE_AUDIT":
            wanted = {"numbers": ()}  # no source ever waits for a review here
        elif self.status is not None:
            wanted = {"state": views.STATES[self.status]}
        page = self.found(caller.account_id, "transcode", wanted)
        more = self.offset + len(page.tasks) < page.total
        return views.listed(page.tasks, page.total, more=more)


def _day(text: str) -> datetime:
    try:
        if len(text) == 8 and text.isdecimal():
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise InvalidRequest("a day is of the form yyyymmdd")


class GetTaskSummary(RestOperation):
    """What was done on each day of a period of at most 366 days (manual 8.5)."""

    start_time: str
    end_time: str
    stat_type: views.StatType

    @field_validator("start_time", "end_time")
    @classmethod
    def _dated(cls, value: str) -> str:
        _day(value)
        return value

    def perform(self, caller: Caller) -> views.TaskSummary:
        since, until = _day(self.start_time), _day(self.end_time)
        if since > until:
            raise InvalidRequest("start_time cannot be greater than end_time")
        if until - since > 366 * _DAY:
            raise InvalidRequest("the period must not be longer than 366 days")
        kind: Literal["remux", "transcode"] = (
            "remux" if self.stat_type == "remux_file_duration" else "transcode"
        )
        days = file_tasks.summary(caller.account_id, kind, since, until + _DAY)
        return views.summarised(self.stat_type, days)
