"""Snapshots of every kind, animated images and the templates of both, through the SDKs."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests import clips
from tests.sdk.conftest import Library
from tests.sdk.customer import NO_TRANSCODE, Customer
from tests.sdk.driver import ApiFailure

ID = re.compile(r"[0-9a-f]{32}")

SPRITE = {
    "SnapshotType": "SpriteSnapshot",
    "SnapshotConfig": {
        "FrameType": "normal",
        "Count": 8,
        "Interval": 0,
        "SpecifiedOffsetTime": 0,
        "SpriteSnapshotConfig": {
            "CellWidth": "80",
            "CellHeight": "34",
            "Columns": "3",
            "Lines": "2",
            "Padding": "2",
            "Margin": "4",
            "Color": "DarkOrange",
            "KeepCellPic": "keep",
        },
    },
}
WEBVTT = {
    "SnapshotType": "WebVttSnapshot",
    "SnapshotConfig": {
        "FrameType": "intra",
        "Count": 4,
        "Interval": 0,
        "SpecifiedOffsetTime": 0,
        "Width": 160,
        "Format": "vtt",
        "SubOut": {"IsSptFrag": "true"},
    },
}
ANIMATED = {
    "Name": "teaser",
    "Video": {"Width": "160", "Height": "128", "Fps": "10"},
    "Container": {"Format": "gif"},
    "Clip": {"TimeSpan": {"Seek": "00:00:01.000", "Duration": "1.5"}},
    "SetDefaultCover": "true",
}


@pytest.fixture(scope="module")
def videos() -> dict[str, str]:
    return {}


@pytest.fixture
def video_id(customer: Customer, videos: dict[str, str]) -> str:
    """One video for each SDK."""
    name = customer.sdk.name
    if name not in videos:
        videos[name] = customer.upload(clips.make("silent_video"), NO_TRANSCODE)
        customer.wait(videos[name])
        customer.wait_for_covers(videos[name])
    return videos[name]


def add(customer: Customer, config: dict[str, Any], kind: str = "Snapshot") -> str:
    answer = customer.call(
        "AddVodTemplate", Name="a name", TemplateType=kind, TemplateConfig=json.dumps(config)
    )
    assert ID.fullmatch(answer["VodTemplateId"])
    return str(answer["VodTemplateId"])


def fetched(url: str) -> "requests.Response":
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200, url
    return answer


def snapshots(customer: Customer, video_id: str, kind: str, job_id: str) -> dict[str, Any]:
    """What ListSnapshots says once the job is the newest of its kind."""

    def listed() -> dict[str, Any] | None:
        try:
            found = customer.call("ListSnapshots", VideoId=video_id, SnapshotType=kind)
        except ApiFailure as failure:
            assert failure.code == "NoSuchResource"
            return None
        made: dict[str, Any] = found["MediaSnapshot"]
        return made if made["JobId"] == job_id else None

    return customer.stack.until(f"{kind} of {job_id}", listed)


def submit(customer: Customer, **parameters: Any) -> str:
    return str(customer.call("SubmitSnapshotJob", **parameters)["SnapshotJob"]["JobId"])


def test_a_sprite_by_template(customer: Customer, video_id: str) -> None:
    template = add(customer, SPRITE)
    # All but the video is the template's: this width would be refused.
    job = submit(customer, VideoId=video_id, SnapshotTemplateId=template, Width="1")
    sheets = snapshots(customer, video_id, "SpriteSnapshot", job)
    assert sheets["Total"] == 2
    for sheet in sheets["Snapshots"]["Snapshot"]:
        assert jpeg_size(fetched(sheet["Url"]).content) == (3 * 80 + 2 * 2 + 8, 2 * 34 + 2 + 8)
    cells = snapshots(customer, video_id, "SpriteOriginSnapshot", job)
    assert cells["Total"] == 8
    first = cells["Snapshots"]["Snapshot"][0]
    assert jpeg_size(fetched(first["Url"]).content) == (640, 272)
    event = customer.stack.rows(
        "SELECT payload FROM event WHERE media_id = %s AND event_type = 'snapshot_complete'"
        " AND payload LIKE %s",
        video_id,
        f"%{job}%",
    )
    (group,) = json.loads(event[0]["payload"])["snapshots"]
    assert (group["kind"], group["count"]) == ("sprite", 2)


def test_webvtt_thumbnails(customer: Customer, video_id: str) -> None:
    template = add(customer, WEBVTT)
    job = submit(customer, VideoId=video_id, SnapshotTemplateId=template)
    found = snapshots(customer, video_id, "WebVttSnapshot", job)
    assert found["Total"] == 1
    answer = fetched(found["Snapshots"]["Snapshot"][0]["Url"])
    assert answer.headers["Content-Type"].startswith("text/vtt")
    assert answer.text.startswith("WEBVTT\n\n00:00:00.000 --> ")
    parts = re.findall(r"^(\S+)#xywh=(\d+),0,160,68$", answer.text, re.MULTILINE)
    assert [int(x) for _, x in parts] == [0, 160, 320, 480]
    # One sheet for all, which opens with the signature that the index was given.
    ((sheet, _), *_) = parts
    assert {name.split("?")[0] for name, _ in parts} == {sheet.split("?")[0]}
    picture = fetched(urljoin(answer.url, sheet))
    assert jpeg_size(picture.content) == (4 * 160, 68)


def test_chosen_moments_and_the_manuals_quotes(customer: Customer, video_id: str) -> None:
    if customer.sdk.name == "tea":  # the legacy SDK has no such parameter
        job = submit(customer, VideoId=video_id, SpecifiedOffsetTimes=[3000, 500, 1000], Width="80")
        assert snapshots(customer, video_id, "NormalSnapshot", job)["Total"] == 3
    quoted = "{'CellWidth': 120, 'CellHeight': 68, 'Columns': 3, 'KeepCellPic':'delete'}"
    job = submit(customer, VideoId=video_id, Count=2, Interval=1, SpriteSnapshotConfig=quoted)
    assert snapshots(customer, video_id, "SpriteSnapshot", job)["Total"] == 1
    with pytest.raises(ApiFailure, match="NoSuchResource"):
        customer.call("ListSnapshots", VideoId=video_id, SnapshotType="SpriteOriginSnapshot")


def test_animated_images(customer: Customer, video_id: str) -> None:
    template = add(customer, ANIMATED, "DynamicImage")
    override = json.dumps(
        {"Container": {"Format": "webp"}, "SetDefaultCover": False, "Video": {"Fps": 5}}
    )
    jobs = [
        customer.call(
            "SubmitDynamicImageJob",
            VideoId=video_id,
            DynamicImageTemplateId=template,
            **wishes,
        )["DynamicImageJob"]["JobId"]
        for wishes in ({}, {"OverrideParams": override})
    ]

    def listed() -> list[dict[str, Any]] | None:
        images = customer.call("ListDynamicImage", VideoId=video_id)["DynamicImageList"]
        return images if len(images) == 2 else None

    images = {image["JobId"]: image for image in customer.stack.until("two images", listed)}
    gif, webp = (images[job] for job in jobs)
    assert (gif["Format"], gif["Width"], gif["Height"], gif["Fps"]) == ("gif", "160", "128", "10")
    assert (gif["Duration"], gif["VideoId"]) == ("1.5", video_id)
    assert (webp["Format"], webp["Fps"]) == ("webp", "5")
    answer = fetched(gif["FileURL"])
    assert (answer.content[:6], len(answer.content)) == (b"GIF89a", int(gif["FileSize"]))
    assert fetched(webp["FileURL"]).content[8:12] == b"WEBP"
    assert key_of(customer.video(video_id)["CoverURL"]) == key_of(gif["FileURL"])

    customer.call("DeleteDynamicImage", VideoId=video_id, DynamicImageIds=gif["DynamicImageId"])
    left = customer.call("ListDynamicImage", VideoId=video_id)["DynamicImageList"]
    assert [image["JobId"] for image in left] == [webp["JobId"]]
    # The file stays.
    assert fetched(gif["FileURL"]).content[:3] == b"GIF"
    customer.call("DeleteDynamicImage", VideoId=video_id)
    assert customer.call("ListDynamicImage", VideoId=video_id)["DynamicImageList"] == []


def test_the_life_of_a_template(customer: Customer) -> None:
    template = add(customer, SPRITE)
    shown = customer.call("GetVodTemplate", VodTemplateId=template)["VodTemplateInfo"]
    assert (shown["Name"], shown["TemplateType"]) == ("a name", "Snapshot")
    assert (json.loads(shown["TemplateConfig"]), shown["IsDefault"]) == (SPRITE, "NotDefault")
    answer = customer.call(
        "UpdateVodTemplate",
        VodTemplateId=template,
        Name="another",
        TemplateConfig=json.dumps(WEBVTT),
    )
    assert answer["VodTemplateId"] == template
    listed = customer.call("ListVodTemplate", TemplateType="Snapshot")["VodTemplateInfoList"]
    (found,) = (one for one in listed if one["VodTemplateId"] == template)
    assert (found["Name"], found["AppId"]) == ("another", "app-1000000")
    assert json.loads(found["TemplateConfig"]) == WEBVTT
    assert customer.call("DeleteVodTemplate", VodTemplateId=template)["VodTemplateId"] == template
    for action in ("GetVodTemplate", "DeleteVodTemplate", "UpdateVodTemplate"):
        with pytest.raises(ApiFailure, match="404 NoSuchResource"):
            customer.call(action, VodTemplateId=template)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda config: config.pop("SnapshotConfig"), "Snapshot"),
        (lambda config: config["SnapshotConfig"].pop("SpriteSnapshotConfig"), "Snapshot"),
        (lambda config: config["SnapshotConfig"].update(Width=4097), "Snapshot"),
        (
            lambda config: config["SnapshotConfig"]["SpriteSnapshotConfig"].update(Lines=0),
            "Snapshot",
        ),
        (
            lambda config: config["SnapshotConfig"]["SpriteSnapshotConfig"].update(Color="#010203"),
            "Snapshot",
        ),
        (lambda config: config["Video"].update(Width="127"), "DynamicImage"),
        (lambda config: config["Video"].update(Fps="60.5"), "DynamicImage"),
        (lambda config: config["Container"].update(Format="apng"), "DynamicImage"),
        (lambda config: config["Clip"]["TimeSpan"].pop("Seek"), "DynamicImage"),
        (lambda config: config["Clip"]["TimeSpan"].update(Seek="24:00:00"), "DynamicImage"),
    ],
)
def test_configurations_that_are_refused(
    tea: Customer, change: Callable[[dict[str, Any]], object], kind: str
) -> None:
    config = json.loads(json.dumps(SPRITE if kind == "Snapshot" else ANIMATED))
    change(config)
    with pytest.raises(ApiFailure, match="InvalidParameter"):
        add(tea, config, kind)


def test_requests_that_are_refused(tea: Customer, library: Library) -> None:
    film = library.film
    template = add(tea, ANIMATED, "DynamicImage")
    marked = json.dumps({"Watermarks": [{"WatermarkId": "w", "Content": "me"}]})
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("SubmitSnapshotJob", {"SnapshotTemplateId": template}, "NoSuchResource"),
        ("SubmitSnapshotJob", {"SpriteSnapshotConfig": '{"Columns": 0}'}, "InvalidParameter"),
        ("SubmitDynamicImageJob", {"DynamicImageTemplateId": "f" * 32}, "NoSuchResource"),
        ("SubmitDynamicImageJob", {}, "MissingParameter"),
        (
            "SubmitDynamicImageJob",
            {"DynamicImageTemplateId": template, "OverrideParams": marked},
            "InvalidParameter",
        ),
        ("DeleteDynamicImage", {"DynamicImageIds": ",".join("abcdefghijk")}, "InvalidParameter"),
    ]
    for action, parameters, code in wrong:
        with pytest.raises(ApiFailure, match=code):
            tea.call(action, VideoId=film, **parameters)
    for action in ("ListDynamicImage", "DeleteDynamicImage"):
        with pytest.raises(ApiFailure, match=r"404 InvalidVideo\.NotFound"):
            tea.call(action, VideoId="0" * 32)
    with pytest.raises(ApiFailure, match=r"Forbidden\.IllegalStatus"):
        tea.call(
            "SubmitDynamicImageJob",
            VideoId=tea.create("pending.mp4").video_id,
            DynamicImageTemplateId=template,
        )


def sprite(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = config["SnapshotConfig"]["SpriteSnapshotConfig"]
    return found


def key_of(url: str) -> str:
    return url.split("?")[0].split("/", 3)[3]


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height as its frame header says."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    height, width = (int.from_bytes(data[at + n : at + n + 2], "big") for n in (5, 7))
    return width, height
