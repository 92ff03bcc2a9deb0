"""Verification of request signatures: HMAC-SHA256, RSA (PKCS#1 v1.5, SHA-256) and Ed25519.

Source: Binance Portfolio Margin "General Info", SIGNED endpoint security.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

Verifier = Callable[[bytes, str], bool]
"""Called with (payload bytes, signature text); tells whether they belong together."""

_PRIVATE_BEGIN = "PRIVATE KEY-----"


def verifier_for(secret: str) -> Verifier:
    """Return what checks signatures made with `secret`: an HMAC secret or a PEM key.

    Raises `ValueError` for a PEM block that is not an RSA or Ed25519 key. The message never
    contains the secret.
    """
    text = secret.strip()
    if not text.startswith("-----BEGIN"):
        return _hmac_verifier(text.encode())
    pem = text.replace("#", "\n").encode()
    try:
        if _PRIVATE_BEGIN in text:
            public = serialization.load_pem_private_key(pem, password=None).public_key()
        else:
            public = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError):
        raise ValueError(
            "apiSecret of a simulated account starts like a PEM key but cannot be read as one; "
            "give an unencrypted RSA or Ed25519 key, or an HMAC secret"
        ) from None
    if isinstance(public, ed25519.Ed25519PublicKey):
        return _ed25519_verifier(public)
    if isinstance(public, rsa.RSAPublicKey):
        return _rsa_verifier(public)
    raise ValueError(
        f"apiSecret of a simulated account is a {type(public).__name__}; only RSA, Ed25519 and HMAC are known"
    )


def _hmac_verifier(secret: bytes) -> Verifier:
    def verify(payload: bytes, signature: str) -> bool:
        expected = hmac.new(secret, payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.lower().encode())

    return verify


def _ed25519_verifier(key: ed25519.Ed25519PublicKey) -> Verifier:
    def verify(payload: bytes, signature: str) -> bool:
        try:
            key.verify(base64.b64decode(signature, validate=True), payload)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    return verify


def _rsa_verifier(key: rsa.RSAPublicKey) -> Verifier:
    def verify(payload: bytes, signature: str) -> bool:
        try:
            raw = base64.b64decode(signature, validate=True)
            key.verify(raw, payload, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    return verify
