"""MPC's transcoding tasks as records: refused, failed, listed, cancelled, deleted."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import clips
from tests.sdk.mpc import MpcCustomer
from tests.sdk.mpc_files import MpcFiles
from tests.sdk.mpc_transcoding import AUDIO, UNKNOWN_TASK, VIDEO, ended, submitted

_FONTS = Path(__file__).parents[2] / ".local" / "fonts"
_KEY, _IV = bytes(range(16)), bytes(range(16, 32))


def test_what_is_refused(mpc_files: MpcFiles, grey: Path) -> None:
    mpc = mpc_files.mpc
    plain = {
        "input": mpc_files.source(grey),
        "output": mpc_files.target(),
        "av_parameters": [{"video": VIDEO, "audio": AUDIO, "common": {"pack_type": 4}}],
    }
    key = {"key": base64.b64encode(_KEY).decode(), "url": "https://keys.example.com/k"}
    copy = [{"video": {"output_policy": "copy"}, "common": {"pack_type": 4}}]
    copied_sound = [{"audio": {"output_policy": "copy"}, "common": {"pack_type": 4}}]
    stranger = {"bucket": "films-of-somebody", "location": "here", "object": "film.mp4"}
    mark = {"input": mpc_files.place("in/red.png")}
    into_its_folder = {
        "output": mpc_files.place("in"),
        "output_filenames": ["a.m3u8"],
        "av_parameters": [{"audio": AUDIO, "common": {"pack_type": 1}}],
    }
    one_in_another = {
        "av_parameters": [{"video": VIDEO, "audio": AUDIO, "common": {"pack_type": 1}}] * 2,
        "output_filenames": ["a", "a-video"],
        "video_process": {"hls_storage_type": "separate"},
    }
    cases: list[tuple[str, dict[str, Any]]] = [
        ("MPC.10202", {"av_parameters": None}),
        ("MPC.10202", {"input": None}),
        ("MPC.10202", {"priority": 7}),
        ("MPC.10202", {"output_filenames": ["a", "b"]}),
        ("MPC.10202", {"output_filenames": ["../a"]}),
        ("MPC.10093", {"output_filenames": ["长" * 70]}),
        ("MPC.10202", {"watermarks": [{}]}),
        ("MPC.10202", {"watermarks": [mark] * 11}),
        ("MPC.10202", {"watermarks": [{"text_context": "no Base64"}]}),
        ("MPC.10089", {"watermarks": [mark | {"template_id": str(UNKNOWN_TASK)}]}),
        ("MPC.10202", {"watermarks": [mark], "av_parameters": copy}),
        ("MPC.10202", {"subtitle": {"subtitle_type": 1}}),
        ("MPC.10202", {"subtitle": {"subtitle_type": 2, "input": plain["input"]}}),
        ("MPC.10202", {"encryption": {"hls_encrypt": key}}),
        ("MPC.10202", {"encryption": {"hls_encrypt": key | {"key": "c2hvcnQ="}}}),
        ("MPC.10202", {"thumbnail": {"params": {"type": "DOTS_MS", "dots_ms": [1]}}}),
        ("MPC.10202", {"audio_process": {"volume": "dynamic"}}),
        ("MPC.10202", {"audio_process": {"volume": "auto"}, "av_parameters": copied_sound}),
        ("MPC.10155", {"multi_audio": {"default_language": "fra"}}),
        ("MPC.10089", {"av_parameters": None, "trans_template_id": [UNKNOWN_TASK]}),
        ("MPC.10209", {"output": mpc_files.place("in"), "output_filenames": ["grey.mp4"]}),
        ("MPC.10209", {"input": mpc_files.place("in/a-00001.ts"), **into_its_folder}),
        ("MPC.10202", {"user_data": "u" * 4097}),
        ("MPC.10202", one_in_another),
        ("MPC.10202", {"encryption": {"hls_encrypt": key | {"url": 'https://k/"'}}}),
        ("MPC.10236", {"input": stranger}),
        ("MPC.10236", {"output": stranger | {"object": "out"}}),
        ("MPC.10236", {"watermarks": [{"input": stranger}]}),
    ]
    for code, changes in cases:
        given = {name: value for name, value in {**plain, **changes}.items() if value is not None}
        assert mpc.failure("create_transcoding_task", **given) == (403, code), changes


def test_templates_of_one_task_are_alike(mpc_files: MpcFiles, grey: Path) -> None:
    def template(name: str, **video: Any) -> int:
        made: int = mpc_files.mpc.call(
            "create_trans_template",
            template_name=f"alike {name}",
            video=VIDEO | video,
            common={"pack_type": 4},
        )["template_id"]
        return made

    given = {"input": mpc_files.source(grey), "output": mpc_files.target()}
    numbers = [template("first"), template("slower", preset=3)]
    failure = mpc_files.mpc.failure("create_transcoding_task", **given, trans_template_id=numbers)
    assert failure == (403, "MPC.10222")


def test_tasks_that_fail(mpc_files: MpcFiles, grey: Path) -> None:
    text = mpc_files.source(clips.make("text_named_mp4"))
    wanted = {"av_parameters": [{"video": VIDEO, "common": {"pack_type": 4}}]}
    missing, _ = submitted(mpc_files, mpc_files.place("in/nothing.mp4"), **wanted)
    unreadable, _ = submitted(mpc_files, text, **wanted)
    marked = {"watermarks": [{"input": mpc_files.place("in/nothing.png")}], **wanted}
    unmarked, _ = submitted(mpc_files, mpc_files.source(grey), **marked)
    no_encoder = {"audio": AUDIO | {"codec": 2}, "common": {"pack_type": 4}}
    partly, folder = submitted(
        mpc_files, mpc_files.source(grey), av_parameters=[*wanted["av_parameters"], no_encoder]
    )
    for number, code in ((missing, "MPC.10053"), (unreadable, "MPC.10119")):
        task = ended(mpc_files, number, "FAILED")
        assert task["error_code"] == code
        assert task["description"]
    task = ended(mpc_files, unmarked, "FAILED")
    assert task["error_code"] == "MPC.10053"
    assert "in/nothing.png" in task["description"]
    task = ended(mpc_files, partly, "FAILED")
    assert task["error_code"] == "MPC.10083"
    good, bad = task["transcode_detail"]["multitask_info"]
    assert good["output_file"]["video_info"]["width"] == 320
    assert bad["error"]["error_code"] == "MPC.10083"
    assert task["output_file_name"] == mpc_files.names(folder) == ["grey_320X180.mp4"]


def test_the_life_of_a_record(mpc_files: MpcFiles, grey: Path) -> None:
    mpc = mpc_files.mpc
    began = datetime.now(UTC) - timedelta(seconds=1)
    wanted = {"av_parameters": [{"video": VIDEO, "common": {"pack_type": 4}}]}
    with mpc_files.nobody_works():
        first, _ = submitted(mpc_files, mpc_files.source(grey), **wanted)
        second, _ = submitted(mpc_files, mpc_files.source(grey), **wanted)
        (waiting,) = mpc.call("list_transcoding_task", task_id=[first])["task_array"]
        assert (waiting["status"], waiting["progress"]) == ("WAITING", 0)
        assert "transcode_detail" not in waiting
        not_yet = mpc.failure("delete_transcoding_task_by_console", task_id=first)
        assert not_yet == (400, "MPC.10213")
        assert mpc.answer("delete_transcoding_task", {"task_id": first}).status == 204
    (cancelled,) = mpc.call("list_transcoding_task", task_id=[first])["task_array"]
    assert cancelled["status"] == "CANCELED"
    ended(mpc_files, second)
    period = {"start_time": f"{began:%Y%m%d%H%M%S}", "end_time": "20991231235959"}

    def listed(**query: Any) -> tuple[list[str], int, int]:
        answer = mpc.call("list_transcoding_task", **query)
        numbers = [task["task_id"] for task in answer["task_array"]]
        return numbers, answer["total"], answer["is_truncated"]

    numbers, total, truncated = listed(**period)
    assert (numbers[:2], truncated) == ([str(second), str(first)], int(total > 10))
    assert listed(**period, size=1) == ([str(second)], total, 1)
    assert listed(**period, size=1, page=1)[0] == [str(first)]
    assert listed(**period, page=total) == ([], total, 0)
    assert listed(**period, status="CANCELED") == ([str(first)], 1, 0)
    assert listed(status="NEED_TO_BE_AUDIT") == ([], 0, 0)
    assert listed(task_id=[first, second, UNKNOWN_TASK])[1] == 2
    assert mpc.failure("delete_transcoding_task", task_id=second) == (400, "MPC.10212")
    assert mpc.failure("delete_transcoding_task", task_id=UNKNOWN_TASK) == (400, "MPC.10212")
    day = {"start_time": f"{began:%Y%m%d}", "end_time": f"{datetime.now(UTC):%Y%m%d}"}
    for stat, least in (
        ("transcode_task_number", 1),
        ("video_duration", 0.06),
        ("transcode_duration", 0),
    ):
        summary = mpc.call("list_stat_summary", stat_type=stat, **day)
        assert summary["stat_type"] == stat
        assert summary["total"] >= least
        assert summary["summary"][0]["date"] == f"{began:%Y/%m/%d}"
    assert mpc.call("list_stat_summary", stat_type="remux_file_duration", **day)["total"] >= 0
    for task_id in (first, second):
        record = {"task_id": task_id}
        assert mpc.answer("delete_transcoding_task_by_console", record).status == 204
        assert listed(task_id=[task_id])[1] == 0
    gone = mpc.failure("delete_transcoding_task_by_console", task_id=first)
    assert gone == (400, "MPC.10211")


def test_queries_that_are_refused(mpc: MpcCustomer) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("list_transcoding_task", {"size": 101}),
        ("list_transcoding_task", {"task_id": list(range(11))}),
        ("list_transcoding_task", {"start_time": "2026-11-21"}),
        ("list_transcoding_task", {"start_time": "20261122000000", "end_time": "20261121000000"}),
        ("list_transcoding_task", {"status": "RUNNING"}),
    ]
    days = {"start_time": "20261122", "end_time": "20261121"}
    wrong += [
        ("list_stat_summary", {**days, "stat_type": "video_duration"}),
        ("list_stat_summary", {**days, "stat_type": "tasks"}),
        ("list_stat_summary", {"start_time": "2026", "end_time": "20261121", "stat_type": "x"}),
    ]
    for method, query in wrong:
        assert mpc.failure(method, **query) == (400, "MPC.10202"), query
