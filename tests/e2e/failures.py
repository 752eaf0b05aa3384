"""What has to be true of an upload that cannot be used."""

from collections import Counter

import pytest
import requests

from tests.e2e.callbacks import Callbacks
from tests.sdk.customer import Customer
from tests.sdk.driver import ApiFailure

FAILED = Counter(FileUploadComplete=1, VideoAnalysisComplete=1, TranscodeComplete=1)


def expect_failure(customer: Customer, callbacks: Callbacks, video_id: str, source: bytes) -> None:
    """The owner learns why; nothing else is started; what was uploaded is still there."""
    customer.wait(video_id, "TranscodeFail")
    callbacks.expect(customer, video_id, FAILED)
    analysis = callbacks.one(video_id, "VideoAnalysisComplete")
    assert analysis["Status"] == "fail"
    assert analysis["ErrorCode"] == "InvalidParameter.ResourceContentBad"
    assert analysis["ErrorMessage"].startswith("The resource operated InputFile is bad")
    assert not {"Width", "Height", "Duration"} & analysis.keys()
    ended = callbacks.one(video_id, "TranscodeComplete")
    assert (ended["Status"], ended["StreamInfos"]) == ("fail", [])
    with pytest.raises(ApiFailure) as refusal:
        customer.streams(video_id)
    assert (refusal.value.code, refusal.value.status) == ("Forbidden.IllegalStatus", 403)
    assert "TranscodeFail" in refusal.value.message
    assert customer.stack.objects(f"{video_id}/") == {}
    (key,) = customer.stack.objects(f"upload/{video_id}/")
    assert customer.stack.object_bytes(key) == source
    found = customer.call("GetMezzanineInfo", VideoId=video_id)["Mezzanine"]
    assert (found["Status"], found["Size"]) == ("Normal", len(source))
    if not key.endswith(".m3u8"):
        assert requests.get(found["FileURL"], timeout=10).content == source
