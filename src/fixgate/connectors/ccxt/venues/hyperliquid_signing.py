"""Signing for Hyperliquid with a fast hash.

ccxt signs right but hashes in Python, five milliseconds and more for each order, while nothing else can
run. The typed data that an order is signed as never changes but for one hash, so that the rest is a
constant here.

Source: Hyperliquid API, "Signing" (L1 actions); EIP-712; ccxt 4.5.90 `hyperliquid.sign_l1_action`, which a
test holds this against.
"""

from typing import Any

from Crypto.Hash import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """Return the Keccak-256 hash of `data`."""
    return _keccak.new(digest_bits=256, data=data).digest()


_CHAIN_ID = 1337
_DOMAIN = keccak(
    keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    + keccak(b"Exchange")
    + keccak(b"1")
    + _CHAIN_ID.to_bytes(32, "big")
    + bytes(32)
)
_AGENT = keccak(b"Agent(string source,bytes32 connectionId)")
_SOURCE = {False: keccak(b"a"), True: keccak(b"b")}
"""By whether it is the test network."""


def agent_digest(connection_id: bytes, *, testnet: bool) -> bytes:
    """Return what is signed for an action whose hash is `connection_id`."""
    return keccak(b"\x19\x01" + _DOMAIN + keccak(_AGENT + _SOURCE[testnet] + connection_id))


def prepare(exchange: Any) -> None:
    """Have an exchange object of ccxt's class `hyperliquid` hash and sign by this file."""
    slow = type(exchange).hash

    def fast_hash(request: Any, algorithm: str = "md5", digest: str = "hex") -> Any:
        if algorithm != "keccak":
            return slow(request, algorithm, digest)
        binary = keccak(bytes(request))
        return binary.hex() if digest == "hex" else binary

    def sign_l1_action(
        action: Any, nonce: int, vault: str | None = None, expires_after: int | None = None
    ) -> Any:
        connection_id = exchange.action_hash(action, vault, nonce, expires_after)
        digest = agent_digest(connection_id, testnet=bool(exchange.options.get("sandboxMode")))
        return exchange.sign_hash(f"0x{digest.hex()}", exchange.privateKey)

    exchange.hash = fast_hash
    exchange.sign_l1_action = sign_l1_action
