"""What people install: wheel and sdist are built, looked into, installed into empty environments and used."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "hello.mock.yaml"
IMPORTS = "import meerkat, meerkat_mock; print(meerkat.__file__, meerkat_mock.__file__)"
SLOW = pytest.mark.timeout(600)


def run(*command: str | os.PathLike[str], cwd: pathlib.Path) -> str:
    """Run a command far from the checkout, so that nothing is imported from it; return what it printed."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return the folder with a fresh sdist and the wheel built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


def archive(built: pathlib.Path, kind: str) -> pathlib.Path:
    (found,) = built.glob(kind)
    return found


def names_of(path: pathlib.Path) -> set[str]:
    """Return the files of an archive, without the folder that an sdist wraps them in."""
    if path.suffix == ".whl":
        return set(zipfile.ZipFile(path).namelist())
    with tarfile.open(path) as opened:
        return {member.name.split("/", 1)[1] for member in opened.getmembers() if member.isfile()}


def sources(package: str) -> set[str]:
    """Return the files of a package in the checkout that belong into every archive."""
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts}


@SLOW
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_both_packages_are_in_it_whole_and_typed(built: pathlib.Path, kind: str) -> None:
    names = names_of(archive(built, kind))
    assert {"meerkat/py.typed", "meerkat_mock/py.typed"} <= names
    assert sources("meerkat") | sources("meerkat_mock") <= names


@SLOW
def test_the_wheel_holds_the_two_packages_and_nothing_else(built: pathlib.Path) -> None:
    tops = {name.split("/")[0] for name in names_of(archive(built, "*.whl"))}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"meerkat", "meerkat_mock"}


@SLOW
def test_the_sdist_can_be_tested(built: pathlib.Path) -> None:
    names = names_of(archive(built, "*.tar.gz"))
    assert {
        "README.md",
        "LICENSE",
        "tox.ini",
        "pyproject.toml",
        "scenarios/hello.mock.yaml",
        "tests/packaging/test_distribution.py",
    } <= names


@SLOW
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_installs_into_an_empty_environment_and_plays_a_scenario(built: pathlib.Path, kind: str, tmp_path: pathlib.Path) -> None:
    venv.create(tmp_path / "empty", with_pip=True)
    scripts = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "-q", f"{archive(built, kind)}[mock]", cwd=tmp_path)
    for place in run(scripts / "python", "-W", "error", "-c", IMPORTS, cwd=tmp_path).split():
        assert pathlib.Path(place).is_relative_to(tmp_path / "empty")
    assert "Hello" in run(scripts / "meerkat-mock", "play", SCENARIO, cwd=tmp_path)
    assert "rkat-rpc" in run(scripts / "rkat-rpc-mock", "--help", cwd=tmp_path)


@SLOW
def test_without_extras_it_brings_websockets_alone(built: pathlib.Path, tmp_path: pathlib.Path) -> None:
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "-q", archive(built, "*.whl"), cwd=tmp_path)
    listed = run(python, "-m", "pip", "list", "--format=freeze", cwd=tmp_path).split()
    assert {line.split("==")[0].lower() for line in listed} - {"pip", "setuptools"} == {"meerkat-kit", "websockets"}
    assert run(python, "-W", "error", "-c", "import meerkat; print(meerkat.CONTRACT_VERSION)", cwd=tmp_path) == "0.6.5\n"
