"""Which streams are offered to whom."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from chalicelib import playback
from chalicelib.apis.aliyun_vod.playback import GetPlayInfo, GetPlayInfoResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.identity import master_keys
from chalicelib.identity.caller import Caller
from chalicelib.ingest.completion import complete_upload
from chalicelib.library import IllegalStatus
from chalicelib.playback import NoMatchingStream, OnlyPrivateStreams, domains
from chalicelib.playback.play_info import PlayWishes
from chalicelib.settings import settings
from chalicelib.store import database, media, play_domains, stream_keys
from chalicelib.store.media import MediaStatus
from chalicelib.store.stream_keys import EncryptionKind, StreamKey
from tests import clips
from tests.pipeline.library import new_upload, put, rows, work_off


@pytest.fixture(autouse=True)
def _own_master_key(deployment: dict[str, str]) -> None:
    """Other tests' deployments wrap their master keys with keys of their own."""
    database.run(lambda tx: database.change(tx, "DELETE FROM master_key"))
    database.run(lambda tx: database.change(tx, "DELETE FROM play_domain"))
    master_keys.forget()
    domains.forget()


def _video(account_id: str) -> str:
    grant = new_upload(account_id, "no-transcode")
    complete_upload(put(grant, clips.make("silent_video").read_bytes()))
    work_off()
    return grant.media_id


def _another_stream(media_id: str, job_id: str, encryption: EncryptionKind | None = None) -> None:
    """The media's stream once more, a second newer than its newest."""
    last = rows("stream", media_id, "created_at")[-1]
    created_at = last["created_at"] + timedelta(seconds=1)
    copy = last | {"job_id": job_id, "created_at": created_at}
    names = ", ".join(copy)
    values = ", ".join(f"%({name})s" for name in copy)
    database.run(
        lambda tx: database.change(tx, f"INSERT INTO stream ({names}) VALUES ({values})", **copy)
    )
    if encryption:
        key = StreamKey(
            job_id=job_id,
            media_id=media_id,
            kind=encryption,
            ciphertext="",
            key_uri="",
            created_at=created_at,
        )
        database.run(lambda tx: stream_keys.put(tx, key))


def _offered(account_id: str, media_id: str, wishes: PlayWishes) -> list[str]:
    return [item.stream.job_id for item in playback.play_info(account_id, media_id, wishes).streams]


def test_the_newest_stream_of_a_kind_is_offered_unless_all_are_asked_for(account_id: str) -> None:
    media_id, newer = _video(account_id), account_id.zfill(32)
    _another_stream(media_id, newer)
    assert _offered(account_id, media_id, PlayWishes()) == [newer]
    assert len(_offered(account_id, media_id, PlayWishes(every=True))) == 2
    with pytest.raises(NoMatchingStream):
        playback.play_info(account_id, media_id, PlayWishes(formats=frozenset({"mp3"})))
    with pytest.raises(NoMatchingStream):  # of a file nobody can be given the first seconds alone
        playback.play_info(account_id, media_id, PlayWishes(preview=True))


def test_private_streams_are_hidden_from_plain_requests(account_id: str) -> None:
    media_id, private = _video(account_id), account_id.zfill(32)
    plain = rows("stream", media_id)[0]["job_id"]
    _another_stream(media_id, private, "private")
    assert _offered(account_id, media_id, PlayWishes()) == [plain]
    assert _offered(account_id, media_id, PlayWishes(for_session=True)) == [private]
    assert _offered(account_id, media_id, PlayWishes(every=True)) == [plain, private]
    wishes = PlayWishes(encryption="private", every=True)
    assert _offered(account_id, media_id, wishes) == [private]
    with pytest.raises(OnlyPrivateStreams):
        playback.play_info(account_id, media_id, PlayWishes(encryption="private"))
    with pytest.raises(NoMatchingStream):
        playback.play_info(account_id, media_id, PlayWishes(encryption="standard"))


def test_a_standard_encrypted_stream_is_preferred_to_a_newer_plain_one(account_id: str) -> None:
    media_id, encrypted = _video(account_id), account_id.zfill(32)
    _another_stream(media_id, encrypted, "standard")
    _another_stream(media_id, "f" + account_id.zfill(31))
    assert _offered(account_id, media_id, PlayWishes()) == [encrypted]
    unencrypted = PlayWishes(encryption="none")
    assert _offered(account_id, media_id, unencrypted) == ["f" + account_id.zfill(31)]


@pytest.mark.parametrize(
    "status", [MediaStatus.UPLOADED, MediaStatus.BLOCKED, MediaStatus.CHECKING]
)
def test_only_what_is_normal_plays(account_id: str, status: MediaStatus) -> None:
    media_id = _video(account_id)
    database.run(lambda tx: media.set_status(tx, media_id, status, datetime.now(UTC)))
    database.run(
        lambda tx: play_domains.put_security_group(
            tx, account_id, "reviewers", "198.51.100.0/24,2001:db8::1", datetime.now(UTC)
        )
    )
    for address in ("203.0.113.7", "", "not an address"):
        with pytest.raises(IllegalStatus):
            playback.play_info(account_id, media_id, PlayWishes(address=address))
        with pytest.raises(IllegalStatus):
            playback.issue_play_credential(account_id, media_id, 100, "x:y", "*", address)


@pytest.mark.parametrize("status", [MediaStatus.BLOCKED, MediaStatus.CHECKING])
def test_from_security_addresses_what_is_under_review_plays(
    account_id: str, status: MediaStatus
) -> None:
    media_id = _video(account_id)
    database.run(lambda tx: media.set_status(tx, media_id, status, datetime.now(UTC)))
    now = datetime.now(UTC)
    for group, addresses in (("a", "198.51.100.0/24"), ("b", "192.0.2.1,2001:db8::/32")):
        database.run(
            lambda tx, g=group, a=addresses: play_domains.put_security_group(
                tx, account_id, g, a, now
            )
        )
    for address in ("198.51.100.9", "192.0.2.1", "2001:db8::5"):
        assert _offered(account_id, media_id, PlayWishes(address=address))
        assert playback.issue_play_credential(account_id, media_id, 100, "x:y", "*", address)


def test_the_address_that_a_customers_proxy_encrypts_counts(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "0123456789abcdef"
    monkeypatch.setenv("OPENVOD_FORWARDED_ADDRESS_KEY", key)
    settings.cache_clear()
    media_id = _video(account_id)
    now = datetime.now(UTC)
    database.run(lambda tx: media.set_status(tx, media_id, MediaStatus.CHECKING, now))
    database.run(
        lambda tx: play_domains.put_security_group(tx, account_id, "a", "198.51.100.0/24", now)
    )
    policy = (("AdministratorAccess",),)
    proxy = Caller(account_id, "key", "user/proxy", policy, "203.0.113.7", secure=True)

    def ask(forwarded: str) -> GetPlayInfoResult:
        config = json.dumps({"XForwardedFor": forwarded})
        action = GetPlayInfo.model_validate({"VideoId": media_id, "PlayConfig": config})
        return action.perform(proxy)

    assert ask(_encrypted("198.51.100.9", key)).PlayInfoList.PlayInfo
    assert ask(_encrypted("198.51.100.9, 10.0.0.1", key)).PlayInfoList.PlayInfo
    for elsewhere in (_encrypted("203.0.113.9", key), ""):
        with pytest.raises(ApiError) as refused:
            ask(elsewhere)
        assert refused.value.code == "Forbidden.IllegalStatus"
    for rubbish in ("198.51.100.9", _encrypted("198.51.100.9", key[::-1]), "AAAA", "=="):
        with pytest.raises(ApiError) as unreadable:
            ask(rubbish)
        assert unreadable.value.code == "InvalidParameter"


def _encrypted(address: str, key: str) -> str:
    """As the manual has it (17.2): AES in ECB mode, PKCS #5 padding, base64."""
    encryptor = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()
    padder = PKCS7(128).padder()
    padded = padder.update(address.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
