"""Finding the server executable, and refusing to run what cannot be verified."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from meerkat import MeerkatClient, ServerStartError
from meerkat.client import binary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEERKAT_BIN_PATH", raising=False)
    monkeypatch.delenv("MEERKAT_BIN_SHA256", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def executable(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


async def test_the_variable_goes_before_an_explicit_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = executable(tmp_path / "chosen")
    monkeypatch.setenv("MEERKAT_BIN_PATH", f"  {chosen} ")
    assert await binary.find(executable(tmp_path / "other")) == chosen


async def test_the_name_is_looked_for_on_the_path(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "rkat-rpc")
    assert await binary.find("rkat-rpc") == on_path


@pytest.mark.parametrize(
    ("variable", "path", "message"),
    [
        ("   ", "rkat-rpc", "MEERKAT_BIN_PATH is set to an empty path."),
        ("/no/where", "rkat-rpc", "Binary not found at MEERKAT_BIN_PATH='/no/where'. Set MEERKAT_BIN_PATH to a valid executable."),
        (None, "/no/where", "Binary not found at '/no/where'. Set rkat_path to a valid path or use MEERKAT_BIN_PATH."),
        (None, "no-such-command", "Binary not found at 'no-such-command'. Set rkat_path to a valid path or use MEERKAT_BIN_PATH."),
    ],
)
async def test_what_is_not_there_is_told_with_its_place(
    variable: str | None, path: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("MEERKAT_BIN_PATH", variable)
    with pytest.raises(ServerStartError) as caught:
        await binary.find(path)
    assert (caught.value.code, str(caught.value)) == ("BINARY_NOT_FOUND", message)


async def test_nothing_is_fetched_that_cannot_be_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "fetch", lambda url: pytest.fail(f"fetched {url}"))
    with pytest.raises(ServerStartError, match="MEERKAT_BIN_SHA256"):
        await MeerkatClient().connect()


def tape(name: str, content: bytes = b"#!/bin/sh\n") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo(f"release/{name}")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


async def test_a_verified_release_is_installed_once_and_then_found(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tape("rkat-rpc")
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return archive

    monkeypatch.setattr(binary, "fetch", fetch)
    monkeypatch.setenv("MEERKAT_BIN_SHA256", hashlib.sha256(archive).hexdigest().upper())
    first = await binary.find("rkat-rpc")
    assert await binary.find("rkat-rpc") == first
    assert first.endswith("/.cache/meerkat/bin/rkat-rpc/v0.6.5/x86_64-unknown-linux-gnu/rkat-rpc")
    assert fetched == ["https://github.com/lukacf/meerkat/releases/download/v0.6.5/rkat-rpc-v0.6.5-x86_64-unknown-linux-gnu.tar.gz"]


@pytest.mark.parametrize(
    ("archive", "name", "message"),
    [
        (tape("other"), "rkat-rpc", "does not contain 'rkat-rpc'"),
        (b"no archive", "rkat-rpc", "could not be installed"),
        (b"no archive", "rkat-rpc.exe", "could not be installed"),
    ],
)
def test_an_archive_without_the_executable_is_refused(archive: bytes, name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match=message) as caught:
        binary.install(archive, hashlib.sha256(archive).hexdigest(), name, tmp_path / name, "here")
    assert caught.value.code == "BINARY_DOWNLOAD_FAILED"


def test_another_archive_than_expected_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="SHA-256"):
        binary.install(tape("rkat-rpc"), "00", "rkat-rpc", tmp_path / "rkat-rpc", "here")
    assert not (tmp_path / "rkat-rpc").exists()


def test_an_executable_for_windows_comes_out_of_a_zip(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("release/readme", "x")
        archive.writestr("release/rkat-rpc.exe", "MZ")
    binary.install(file.getvalue(), hashlib.sha256(file.getvalue()).hexdigest(), "rkat-rpc.exe", tmp_path / "x" / "rkat-rpc.exe", "here")
    assert (tmp_path / "x" / "rkat-rpc.exe").read_bytes() == b"MZ"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("release/readme", "x")
    with pytest.raises(ServerStartError, match="does not contain"):
        binary.install(file.getvalue(), hashlib.sha256(file.getvalue()).hexdigest(), "rkat-rpc.exe", tmp_path / "y", "here")


def test_an_archive_is_read_up_to_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(b"x" * 100)
    assert binary.fetch(archive.as_uri()) == b"x" * 100
    monkeypatch.setattr(binary, "ARCHIVE_LIMIT_BYTES", 10)
    with pytest.raises(ServerStartError, match="more than 10 bytes"):
        binary.fetch(archive.as_uri())
    with pytest.raises(ServerStartError, match="Failed to download"):
        binary.fetch((tmp_path / "missing").as_uri())


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Darwin", "arm64", "aarch64-apple-darwin"),
        ("Linux", "aarch64", "aarch64-unknown-linux-gnu"),
        ("Windows", "AMD64", "x86_64-pc-windows-msvc"),
        ("Darwin", "x86_64", "Unsupported macOS architecture 'x86_64'"),
        ("Linux", "riscv64", "Unsupported Linux architecture 'riscv64'."),
        ("Windows", "arm64", "Unsupported Windows architecture 'arm64'."),
        ("Plan9", "x86_64", "Unsupported platform 'plan9'."),
    ],
)
def test_each_machine_has_its_release_or_an_error(system: str, machine: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    if not expected.startswith("Unsupported"):
        assert binary.target() == expected
        return
    with pytest.raises(ServerStartError) as caught:
        binary.target()
    assert (caught.value.code, str(caught.value)) == ("UNSUPPORTED_PLATFORM", expected)


async def test_the_legacy_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError) as caught:
        await MeerkatClient(executable(tmp_path / "rkat")).connect()
    assert caught.value.code == "LEGACY_BINARY_UNSUPPORTED"


async def test_a_realm_and_isolation_exclude_each_other() -> None:
    with pytest.raises(Exception, match="realm_id and isolated cannot both be set"):
        await MeerkatClient().connect(realm_id="x", isolated=True)
