"""What MPC's tasks of chapters 9 to 12 have in common: lists, cancelling, refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import clips
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_tasks import GIF, UNKNOWN, made, pictures, remux, snap

_ChapterCalls = tuple[str, str, str, Callable[[MpcFiles], dict[str, Any]], str]


def _wish(files: MpcFiles, **more: Any) -> dict[str, Any]:
    return {"input": files.source(clips.make("contract")), "output": files.target(), **more}


_CHAPTERS: list[_ChapterCalls] = [
    (
        "create_remux_task",
        "list_remux_task",
        "cancel_remux_task",
        lambda files: _wish(files) | {"output": files.target(file_name="a.mp4")},
        "SUCCEED",
    ),
    (
        "create_animated_graphics_task",
        "list_animated_graphics_task",
        "delete_animated_graphics_task",
        lambda files: _wish(files, output_param=GIF),
        "SUCCEED",
    ),
    ("create_extract_task", "list_extract_task", "delete_extract_task", _wish, "SUCCEED"),
    (
        "create_thumbnails_task",
        "list_thumbnails_task",
        "delete_thumbnails_task",
        lambda files: _wish(files, thumbnail_para={"type": "DOTS", "dots": [1]}),
        "SUCCEEDED",
    ),
]


@pytest.fixture(params=_CHAPTERS, ids=[chapter[0] for chapter in _CHAPTERS])
def chapter(request: pytest.FixtureRequest) -> _ChapterCalls:
    calls: _ChapterCalls = request.param
    return calls


def _tasks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("tasks") or answer.get("task_array") or []
    return found


def test_only_what_waits_is_cancelled(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, listing, cancel, wish, success = chapter
    mpc = mpc_files.mpc
    with mpc_files.nobody_works():
        number = made(mpc.call(create, **wish(mpc_files)))
        (task,) = _tasks(mpc.call(listing, task_id=[number]))
        assert task["status"] == "WAITING"
        assert mpc.answer(cancel, {"task_id": number}).status == 204
        (task,) = _tasks(mpc.call(listing, task_id=[number]))
        assert task["status"] == "CANCELED"
    done = made(mpc.call(create, **wish(mpc_files)))
    assert mpc_files.ended(listing, done)["status"] == success
    assert mpc.failure(cancel, task_id=done) == (400, "MPC.10212")
    assert mpc.failure(cancel, task_id=UNKNOWN) == (400, "MPC.10211")
    assert mpc.failure(cancel, task_id="abc") == (400, "MPC.10202")
    assert mpc_files.ended(listing, number)["status"] == "CANCELED", "it was never begun"


def test_lists_by_number_state_time_and_page(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, listing, _, wish, success = chapter
    mpc = mpc_files.mpc
    numbers = [made(mpc.call(create, **wish(mpc_files))) for _ in range(3)]
    tasks = [mpc_files.ended(listing, number) for number in numbers]
    begin, end = tasks[0]["create_time"], tasks[-1]["end_time"]

    def listed(**wanted: Any) -> list[str]:
        return [task["task_id"] for task in _tasks(mpc.call(listing, **wanted))]

    assert listed(task_id=numbers[:2]) == [numbers[1], numbers[0]]
    assert listed(task_id=[*numbers, UNKNOWN], page=7, size=1) == numbers[::-1]
    everything = mpc.call(listing, start_time=begin, end_time=end, status=success, size=100)
    assert set(numbers) <= {task["task_id"] for task in _tasks(everything)}
    pages = [listed(page=page, size=2) for page in range(2)]
    assert [number for page in pages for number in page][:3] == numbers[::-1]
    assert listed(status="CANCELED", task_id=numbers) == []
    assert listed(start_time="20200101000000", end_time="20200102000000") == []
    wrong = [
        {"status": "TRANSCODING"},
        {"start_time": "2020-01-01"},
        {"start_time": "202001010000"},
        {"end_time": "20201301000000"},
        {"start_time": end, "end_time": "20200101000000"},
        {"page": -1},
        {"size": 0},
        {"size": 101},
        {"task_id": [str(number) for number in range(11)]},
        {"task_id": ["abc"]},
    ]
    for parameters in wrong:
        assert mpc.failure(listing, **parameters) == (400, "MPC.10202"), parameters


def test_thumbnail_lists_tell_whether_there_is_more(mpc_files: MpcFiles) -> None:
    for _ in range(2):
        snap(mpc_files, "contract", {"type": "DOTS", "dots": [1]})
    first = mpc_files.mpc.call("list_thumbnails_task", size=1)
    assert (len(first["task_array"]), first["is_truncated"]) == (1, 1)
    last = mpc_files.mpc.call("list_thumbnails_task", page=first["total"] - 1, size=1)
    assert (len(last["task_array"]), last["is_truncated"]) == (1, 0)
    failure = mpc_files.mpc.failure("list_thumbnails_task", task_id=[UNKNOWN])
    assert failure == (400, "MPC.10212")


def test_remuxes_of_one_source(mpc_files: MpcFiles) -> None:
    number, _ = remux(mpc_files, "silent_video", "a.mp4")
    mpc_files.ended("list_remux_task", number)
    wanted = {"input_bucket": mpc_files.bucket, "input_object": "in/silent_video.mp4"}
    found = mpc_files.mpc.call("list_remux_task", **wanted)
    assert number in [task["task_id"] for task in found["tasks"]]
    assert {task["input"]["object"] for task in found["tasks"]} == {"in/silent_video.mp4"}
    assert mpc_files.mpc.call("list_remux_task", input_bucket="nobodys-bucket")["total"] == 0


@pytest.mark.parametrize("status", ["PREPROCESSING", "PROCESSING", "INIT"])
def test_states_of_the_query_that_the_answer_does_not_have(status: str, mpc: MpcCustomer) -> None:
    for listing in ("list_animated_graphics_task", "list_extract_task", "list_remux_task"):
        assert mpc.call(listing, status=status)["total"] == 0


def test_buckets_that_are_not_authorised(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, _, _, wish, _ = chapter
    for part in ("input", "output"):
        parameters = wish(mpc_files)
        parameters[part] = {**parameters[part], "bucket": "not-authorised"}
        assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10236")


def test_paths_that_lead_elsewhere(mpc_files: MpcFiles, chapter: _ChapterCalls) -> None:
    create, _, _, wish, _ = chapter
    for part, path in (("input", "in/../other"), ("output", "out/\u0007"), ("input", "/")):
        parameters = wish(mpc_files)
        parameters[part] = {**parameters[part], "object": path}
        assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10209")
    parameters = wish(mpc_files)
    parameters["output"] = mpc_files.place("深" * 340, file_name="a.mp4")
    assert mpc_files.mpc.failure(create, **parameters) == (400, "MPC.10093")


def test_pictures_by_percent(mpc_files: MpcFiles) -> None:
    """The SDK's model does not know the type any more; requests with it are signed all the same."""
    wish = _wish(mpc_files, thumbnail_para={"type": "PERCENT", "percent": 50})
    number = made(mpc_files.mpc.post("thumbnails", wish))
    task = mpc_files.ended("list_thumbnails_task", number)
    assert pictures(task) == ["0.jpg", "1.jpg", "2.jpg"]


def test_numbers_may_be_texts(mpc_files: MpcFiles) -> None:
    para = {"time": "2", "start_time": "1", "duration": "ToEND", "width": "0", "no_such_field": 1}
    wish = _wish(mpc_files, thumbnail_para=para, tar="1", sync="0", user_data=1795687)
    task = mpc_files.ended("list_thumbnails_task", made(mpc_files.mpc.post("thumbnails", wish)))
    assert (pictures(task), task["user_data"]) == (["1.jpg", "2.jpg"], "1795687")
