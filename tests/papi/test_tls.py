"""The order path's HTTP client over TLS."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fixgate.papi import HttpTransport, NotAnswered

from .peers import OK, answering, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + cert.public_bytes(
        Encoding.PEM
    )
    path.write_bytes(pem)
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_given_a_trusted_certificate_requests_share_one_tls_connection(certificate: Path) -> None:
    async with serving(answering(OK), server_tls(certificate)) as server:
        trusting = ssl.create_default_context(cafile=str(certificate))
        transport = HttpTransport(f"https://127.0.0.1:{server.port}", ssl_context=trusting)
        for _ in range(3):
            assert (await transport.request("POST", "/")).body == b"{}"
        assert server.connections == 1
        await transport.aclose()


async def test_given_an_untrusted_certificate_then_no_byte_of_the_request_is_sent(certificate: Path) -> None:
    async with serving(answering(OK), server_tls(certificate)) as server:
        transport = HttpTransport(f"https://127.0.0.1:{server.port}")
        with pytest.raises(NotAnswered, match="certificate") as error:
            await transport.request("POST", "/")
        assert not error.value.sent
        assert server.requests == []
        await transport.aclose()
