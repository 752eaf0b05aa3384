"""Keys of streams hang on their owner, and come out of KMS only."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from chalicelib.playback import admission, data_keys, private_keys
from chalicelib.playback.domains import PlayDomain, Secrets
from chalicelib.playback.edge_requests import EdgeRequest, Forbidden
from chalicelib.playback.limits import CountLimit, Limits
from chalicelib.playback.review import AddressUnreadable, forwarded_address
from chalicelib.settings import settings
from chalicelib.store.stream_keys import KeyUnusable


@pytest.mark.usefixtures("deployment")
def test_a_data_key_opens_in_its_own_account_only(account_id: str) -> None:
    key = data_keys.new_data_key(account_id)
    assert len(key.plaintext) == 16
    assert key.ciphertext.isalnum()
    assert data_keys.open_data_key(account_id, key.ciphertext) == key.plaintext
    with pytest.raises(KeyUnusable):
        data_keys.open_data_key("another", key.ciphertext)


@pytest.mark.usefixtures("deployment")
def test_a_media_has_one_key(account_id: str) -> None:
    media_id = account_id.zfill(32)
    assert private_keys.media_key(media_id) == private_keys.media_key(media_id)
    assert private_keys.media_key(media_id) != private_keys.media_key("f" + media_id[1:])


def test_the_viewers_address_as_a_proxy_encrypts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sixteen letters!"
    padder = PKCS7(128).padder()
    padded = padder.update(b"198.51.100.7") + padder.finalize()
    encryptor = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()
    text = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    settings.cache_clear()
    assert forwarded_address(text) is None
    monkeypatch.setenv("OPENVOD_FORWARDED_ADDRESS_KEY", key)
    settings.cache_clear()
    assert forwarded_address(text) == "198.51.100.7"
    for wrong in ("", "x", "AAAA", base64.b64encode(b"0" * 16).decode()):
        with pytest.raises(AddressUnreadable):
            forwarded_address(wrong)
    monkeypatch.undo()
    settings.cache_clear()


def test_a_part_needs_its_grant_where_openings_are_counted() -> None:
    counted = replace(
        PlayDomain("d.test", True, 60, Secrets("main1234", "", "e" * 64), Limits()),
        limits=Limits(count=CountLimit(addresses=1)),
    )
    request = EdgeRequest(counted, "/m/sub.m3u8", "192.0.2.1")
    given = admission.grant(counted, request.path, request.address)
    admission.require_grant(request, given)
    for wrong in ("", "x", given[:-1], given.replace(".", "0.", 1)):
        with pytest.raises(Forbidden):
            admission.require_grant(request, wrong)
    for other in (replace(request, path="/m/x.m3u8"), replace(request, address="192.0.2.2")):
        with pytest.raises(Forbidden):
            admission.require_grant(other, given)
    admission.require_grant(replace(request, domain=replace(counted, limits=Limits())), "")
