"""The client signs with whatever the secret is, and the signature covers the bytes that were sent."""

import base64
import hmac
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .venue import ACCOUNT, client_of, venue

Verify = Callable[[bytes, str], None]


def pem(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def of_hmac() -> tuple[str, Verify]:
    def verify(payload: bytes, signature: str) -> None:
        assert hmac.new(b"a secret", payload, "sha256").hexdigest() == signature

    return "a secret", verify


def of_rsa() -> tuple[str, Verify]:
    key = generate_private_key(65537, 2048)

    def verify(payload: bytes, signature: str) -> None:
        raw = base64.b64decode(unquote(signature), validate=True)
        key.public_key().verify(raw, payload, PKCS1v15(), hashes.SHA256())

    return pem(key), verify


def of_ed25519() -> tuple[str, Verify]:
    key = Ed25519PrivateKey.generate()

    def verify(payload: bytes, signature: str) -> None:
        key.public_key().verify(base64.b64decode(unquote(signature), validate=True), payload)

    return pem(key), verify


@pytest.mark.parametrize("kind", [of_hmac, of_rsa, of_ed25519])
async def test_the_kind_of_key_is_found_out_and_its_signature_holds(
    kind: Callable[[], tuple[str, Verify]],
) -> None:
    secret, verify = kind()
    async with venue() as stand_in, client_of(stand_in, secret=secret) as client:
        stand_in.replies["GET /papi/v1/balance"] = [(200, [])]
        await client.account.get_balance(asset="币安/A+B")
        target = stand_in.requests("GET /papi/v1/balance")[0].split(b" ")[1]
    payload, _, signature = target.partition(b"?")[2].rpartition(b"&signature=")
    assert payload.startswith(b"asset=%E5%B8%81%E5%AE%89%2FA%2BB&recvWindow=5000&timestamp=")
    verify(payload, signature.decode())


async def test_a_path_of_the_base_url_goes_in_front_of_the_calls() -> None:
    async with venue() as stand_in:
        stand_in.replies["GET /in/front/papi/v1/account"] = [(200, ACCOUNT)]
        stand_in.replies["GET /in/front/papi/v1/rateLimit/order"] = [(200, [])]
        async with client_of(stand_in, base_url=stand_in.server.origin + "/in/front/") as client:
            assert (await client.account.get_account_info()).accountStatus == "NORMAL"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"secret": ""}, "API secret is empty"),
        ({"secret": "-----BEGIN PRIVATE KEY-----x"}, "cannot be parsed"),
        ({"base_url": "papi.binance.com"}, "base URL"),
        ({"recv_window": 60_001}, "recvWindow 60001 is outside"),
    ],
)
async def test_given_what_cannot_be_used_then_the_client_is_not_made(
    options: dict[str, object], says: str
) -> None:
    async with venue() as stand_in:
        with pytest.raises(ValueError, match=says):
            client_of(stand_in, **options)  # type: ignore[arg-type]
