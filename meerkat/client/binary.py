"""The server executable: where it is looked for, and how a release is fetched when it is nowhere.

Owns the search (spec 08, section 2.1) and the download (section 2.2). What is downloaded is run only when its SHA-256 is the one that
`MEERKAT_BIN_SHA256` names: a release that cannot be verified is refused. Nothing here runs on the event loop's thread but the search.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

from meerkat.errors import ServerStartError
from meerkat.wire.methods import CONTRACT_VERSION

DEFAULT_NAME = "rkat-rpc"
FETCH_TIMEOUT_S = 30.0
"""Per socket operation."""

ARCHIVE_LIMIT_BYTES = 256 * 1024 * 1024
"""Larger archives are refused; a release has some 30 MiB."""

_MACHINES = {"arm64": "aarch64", "aarch64": "aarch64", "x86_64": "x86_64", "amd64": "x86_64"}
_TARGETS = {
    ("darwin", "aarch64"): "aarch64-apple-darwin",
    ("linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("linux", "aarch64"): "aarch64-unknown-linux-gnu",
    ("windows", "x86_64"): "x86_64-pc-windows-msvc",
}
_SYSTEMS = {"darwin": "macOS", "linux": "Linux", "windows": "Windows"}


async def find(rkat_path: str) -> str:
    """Return the executable to start. Raises `ServerStartError` with the codes of spec 08, section 3.2.

    The order: `MEERKAT_BIN_PATH`, an explicit `rkat_path`, `rkat-rpc` on PATH, a cached or fetched release.
    """
    override = os.environ.get("MEERKAT_BIN_PATH")
    if override:
        if not override.strip():
            raise ServerStartError("BINARY_NOT_FOUND", "MEERKAT_BIN_PATH is set to an empty path.")
        found = _resolve(override.strip())
        if found is None:
            raise ServerStartError(
                "BINARY_NOT_FOUND",
                f"Binary not found at MEERKAT_BIN_PATH='{override.strip()}'. Set MEERKAT_BIN_PATH to a valid executable.",
            )
        return found
    found = _resolve(rkat_path)
    if found is not None:
        return found
    if rkat_path != DEFAULT_NAME:
        raise ServerStartError(
            "BINARY_NOT_FOUND", f"Binary not found at '{rkat_path}'. Set rkat_path to a valid path or use MEERKAT_BIN_PATH."
        )
    return await asyncio.get_running_loop().run_in_executor(None, _cached_or_fetched)


def _resolve(candidate: str) -> str | None:
    """Return the file of a path, or of a name on PATH."""
    if "/" in candidate or "\\" in candidate:
        path = Path(candidate).expanduser()
        return str(path) if path.is_file() else None
    return shutil.which(candidate)


def target() -> str:
    """Return the release target of this machine. Raises `ServerStartError` `UNSUPPORTED_PLATFORM`."""
    import platform

    system, machine = platform.system().lower(), platform.machine().lower()
    found = _TARGETS.get((system, _MACHINES.get(machine, machine)))
    if found is not None:
        return found
    if system == "darwin":
        raise ServerStartError("UNSUPPORTED_PLATFORM", f"Unsupported macOS architecture '{machine}'")
    if system in _SYSTEMS:
        raise ServerStartError("UNSUPPORTED_PLATFORM", f"Unsupported {_SYSTEMS[system]} architecture '{machine}'.")
    raise ServerStartError("UNSUPPORTED_PLATFORM", f"Unsupported platform '{system}'.")


def _cached_or_fetched() -> str:
    triple = target()
    name = "rkat-rpc.exe" if "windows" in triple else "rkat-rpc"
    path = Path.home() / ".cache" / "meerkat" / "bin" / "rkat-rpc" / f"v{CONTRACT_VERSION}" / triple / name
    if path.is_file():
        return str(path)
    extension = "zip" if "windows" in triple else "tar.gz"
    url = f"https://github.com/lukacf/meerkat/releases/download/v{CONTRACT_VERSION}/rkat-rpc-v{CONTRACT_VERSION}-{triple}.{extension}"
    expected = os.environ.get("MEERKAT_BIN_SHA256", "").strip().lower()
    if not expected:
        raise ServerStartError(
            "BINARY_NOT_FOUND",
            f"'{DEFAULT_NAME}' is not on PATH. Install it, or set MEERKAT_BIN_PATH to it; to let it be fetched from {url}, set "
            "MEERKAT_BIN_SHA256 to the SHA-256 of that archive: what cannot be verified is not run.",
        )
    install(fetch(url), expected, name, path, url)
    return str(path)


def fetch(url: str) -> bytes:
    """Return an archive. Raises `ServerStartError` `BINARY_DOWNLOAD_FAILED`."""
    # what fetching needs is imported here and below: it is a quarter of the SDK's import time, and hardly anybody fetches
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT_S) as answer:
            data: bytes = answer.read(ARCHIVE_LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _failed(f"Failed to download rkat-rpc from {url}: {error}") from error
    if len(data) > ARCHIVE_LIMIT_BYTES:
        raise _failed(f"The archive at {url} has more than {ARCHIVE_LIMIT_BYTES} bytes.")
    return data


def install(archive: bytes, expected_sha256: str, name: str, path: Path, source: str) -> None:
    """Verify an archive and put its executable at `path`. Raises `ServerStartError` `BINARY_DOWNLOAD_FAILED`; then nothing is there."""
    import hashlib
    import tarfile
    import zipfile

    found = hashlib.sha256(archive).hexdigest()
    if found != expected_sha256:
        raise _failed(f"The archive from {source} has the SHA-256 {found}, expected {expected_sha256}.")
    try:
        binary = _member(archive, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(binary)
        if sys.platform != "win32":
            unfinished.chmod(0o755)
        unfinished.replace(path)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise _failed(f"The archive from {source} could not be installed at {path}: {error}") from error


def _member(archive: bytes, name: str) -> bytes:
    import io
    import tarfile
    import zipfile

    if name.endswith(".exe"):
        with zipfile.ZipFile(io.BytesIO(archive)) as folder:
            for entry in folder.namelist():
                if Path(entry).name == name:
                    return folder.read(entry)
    else:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tape:
            for member in tape:
                content = tape.extractfile(member) if Path(member.name).name == name and member.isfile() else None
                if content is not None:
                    return content.read()
    raise _failed(f"Downloaded archive does not contain '{name}'.")


def _failed(message: str) -> ServerStartError:
    return ServerStartError("BINARY_DOWNLOAD_FAILED", message)
