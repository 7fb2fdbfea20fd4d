"""Virtual environments of the benchmarks' own: the product needs none of their peers."""
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]


def python_with(name, packages):
    """The interpreter of the environment `name` in the repository's folder, made again when its packages change."""
    folder = ROOT / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, stdout=sys.stderr)
        stamp.write_text("\n".join(packages))
    return python
