# SPDX-License-Identifier: Apache-2.0
"""What conf/ installs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CONF = Path(__file__).resolve().parents[2] / "conf"
NAMEFLOW = os.environ.get("NAMEFLOW")
SERVICE = os.environ.get("NAMEFLOW_SERVICE")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
@pytest.mark.skipif(not SERVICE, reason="Meson makes the unit")
def test_the_unit_is_right(tmp_path):
    """As installed, but for the program, which need not be there yet."""
    text = Path(SERVICE).read_text(encoding="utf-8")
    unit = tmp_path / "nameflow.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={NAMEFLOW}", text, flags=re.M),
                    encoding="utf-8")
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True,
                            text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "nameflow" not in result.stderr


def install_config(source, root):
    return subprocess.run([CONF / "install-config", source, "/etc/nameflow"], capture_output=True,
                          text=True, check=False, env={**os.environ, "DESTDIR": str(root)})


def test_an_installed_configuration_is_kept(tmp_path):
    source = tmp_path / "nameflow.yaml"
    target = tmp_path / "etc" / "nameflow" / "nameflow.yaml"
    source.write_text("#port: 53\n", encoding="ascii")
    assert install_config(source, tmp_path).returncode == 0
    assert target.read_text(encoding="ascii") == "#port: 53\n"
    target.write_text("port: 54\n", encoding="ascii")
    result = install_config(source, tmp_path)
    assert result.returncode == 0
    assert "is kept" in result.stdout
    assert target.read_text(encoding="ascii") == "port: 54\n"
    assert Path(f"{target}.new").read_text(encoding="ascii") == "#port: 53\n"
