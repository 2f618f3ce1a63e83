"""What `ath kernel install` writes is found and understood by Jupyter."""

from __future__ import annotations

from pathlib import Path

import pytest
from atheria import Error
from atheria.kernelspec import attach_spec, data_folder, install, main, new_spec, remove
from jupyter_client.kernelspec import KernelSpecManager


def found_by_jupyter(folder: Path) -> dict[str, str]:
    manager = KernelSpecManager(kernel_dirs=[str(folder.parent)])
    return {name: manager.get_kernel_spec(name).display_name for name in manager.find_kernel_specs()}


def test_jupyter_finds_what_was_installed(tmp_path: Path) -> None:
    install(attach_spec("/opt/ath", "Lenia 1"), str(tmp_path))
    folder = install(new_spec("/opt/atheria-server", ["--demo"]), str(tmp_path))
    names = found_by_jupyter(folder)
    assert names["atheria-attach-lenia-1"] == "Atheria (attach Lenia 1)"
    assert names["atheria-new"] == "Atheria (new)"
    spec = KernelSpecManager(kernel_dirs=[str(folder.parent)]).get_kernel_spec("atheria-attach-lenia-1")
    assert spec.argv == ["/opt/ath", "kernel", "attach", "{connection_file}", "--world", "Lenia 1"]
    assert spec.interrupt_mode == "message"


def test_without_a_world_it_attaches_to_the_only_one(tmp_path: Path) -> None:
    assert attach_spec("/opt/ath").argv == ("/opt/ath", "kernel", "attach", "{connection_file}")


def test_installing_again_replaces_and_removing_takes_away(tmp_path: Path) -> None:
    spec = attach_spec("/opt/ath")
    install(spec, str(tmp_path))
    folder = install(attach_spec("/usr/bin/ath"), str(tmp_path))
    assert "/usr/bin/ath" in (folder / "kernel.json").read_text()
    assert remove(spec, str(tmp_path))
    assert not remove(spec, str(tmp_path))


def test_the_users_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "a"))
    assert data_folder() == tmp_path / "a"
    monkeypatch.delenv("JUPYTER_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "b"))
    assert data_folder() == tmp_path / "b" / "jupyter"


def test_a_program_without_its_path_or_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Error, match="whole path"):
        install(attach_spec("ath"), str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(Error, match="cannot write the kernelspec"):
        install(attach_spec("/opt/ath"), str(tmp_path / "file"))


def test_the_words_of_ath_install_and_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--ath", "/opt/ath", "--server", "/opt/atheria-server"]
    assert main([*words, "install", "--prefix", str(tmp_path), "gs"]) == 0
    assert sorted(path.name for path in (tmp_path / "share" / "jupyter" / "kernels").iterdir()) == [
        "atheria-attach",
        "atheria-attach-gs",
        "atheria-new",
    ]
    assert "Atheria (attach gs): " in capsys.readouterr().out
    assert main([*words, "remove", "--prefix", str(tmp_path), "gs"]) == 0
    assert list((tmp_path / "share" / "jupyter" / "kernels").iterdir()) == []
