"""Signatures, checked with the public halves and with published examples."""

import base64
import copy
import hashlib
import hmac
import pickle
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from fixgate.papi import signer_for

PAYLOAD = b"symbol=BTCUSDT&newClientOrderId=a%3Ab&timestamp=1499827319559&x=%E5%B8%81"
ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


LAYOUTS = {
    "lines": lambda pem: pem,
    "hash-separated": lambda pem: pem.strip().replace("\n", "#"),
    "hash-separated with a last one": lambda pem: pem.replace("\n", "#"),
    "windows lines": lambda pem: pem.replace("\n", "\r\n"),
    "indented": lambda pem: "\n  " + pem.replace("\n", "\n  "),
    "escaped lines": lambda pem: pem.replace("\n", "\\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_ed25519_key_signs_the_payload_itself_and_the_signature_is_percent_encoded(layout: str) -> None:
    signer = signer_for(LAYOUTS[layout](pem_of(ED25519)))
    signature = signer.sign(PAYLOAD)
    assert signer.kind == "ed25519"
    assert not set("+/=") & set(signature)
    ED25519.public_key().verify(base64.b64decode(unquote(signature), validate=True), PAYLOAD)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_rsa_key_signs_with_pkcs1_v15_and_sha256(layout: str) -> None:
    signer = signer_for(LAYOUTS[layout](pem_of(RSA)))
    signature = signer.sign(PAYLOAD)
    assert signer.kind == "rsa"
    assert not set("+/=") & set(signature)
    raw = base64.b64decode(unquote(signature), validate=True)
    RSA.public_key().verify(raw, PAYLOAD, PKCS1v15(), hashes.SHA256())


def test_an_hmac_secret_gives_the_published_signature() -> None:
    """The example of the spot API documentation, "SIGNED endpoint examples"."""
    signer = signer_for("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")
    payload = (
        b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        b"&recvWindow=5000&timestamp=1499827319559"
    )
    assert signer.kind == "hmac"
    assert signer.sign(payload) == "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


def test_an_hmac_signer_gives_the_same_for_every_payload_as_a_fresh_computation() -> None:
    signer = signer_for(" secret\n")
    for payload in (b"", b"a", PAYLOAD, PAYLOAD * 50):
        assert signer.sign(payload) == hmac.new(b"secret", payload, hashlib.sha256).hexdigest()


def _damaged() -> dict[str, str]:
    pem = pem_of(ED25519)
    body = pem.splitlines()[1]
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    encrypted = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw")).decode()
    return {
        "cut off": pem[:60],
        "no end": pem.rpartition("-----END")[0],
        "no begin": pem.partition("KEY-----\n")[2],
        "damaged body": pem.replace(body, body[:20] + "!" + body[21:]),
        "shortened body": pem.replace(body, body[:-8]),
        "empty body": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        "lower case": pem.lower(),
        "spaces for line ends": pem.replace("\n", " ").replace("PRIVATE", "PRIVAT"),
        "public key": public,
        "encrypted": encrypted,
        "elliptic curve": pem_of(ec.generate_private_key(ec.SECP256R1())),
        "empty": " ",
    }


@pytest.mark.parametrize("case", _damaged())
def test_given_a_damaged_or_foreign_key_then_it_is_refused_and_never_used_as_hmac_secret(case: str) -> None:
    secret = _damaged()[case]
    with pytest.raises(ValueError, match="API secret") as error:
        signer_for(secret)
    assert error.value.__cause__ is None
    for line in secret.splitlines():
        assert len(line) < 30 or line not in str(error.value)


@pytest.mark.parametrize("secret", [pem_of(ED25519), pem_of(RSA), "topsecrethmac"])
def test_a_signer_never_shows_its_secret(secret: str) -> None:
    signer = signer_for(secret)
    assert repr(signer) == str(signer) == f"<{signer.kind} signer>"
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(signer)
    with pytest.raises(TypeError, match="secret"):
        copy.deepcopy(signer)
    assert not hasattr(signer, "__dict__")
