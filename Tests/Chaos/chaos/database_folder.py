"""The folder of the coordinator's database: on a small filesystem of its own where that can be had."""

import os
import resource
import subprocess
from pathlib import Path

MEBIBYTES = 192


class DatabaseFolder:
    """As root a tmpfs, whose room can run out. Otherwise a plain folder, and the room runs out by a limit on the size of the
    coordinator's files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.is_small = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m", "baton-chaos", str(path)], capture_output=True).returncode == 0

    @property
    def database(self) -> Path:
        return self.path / "baton.sqlite"

    @property
    def way(self) -> str:
        return f"a tmpfs of {MEBIBYTES} MiB" if self.is_small else "a limit of file size"

    def fill(self, coordinator: int) -> None:
        """From now on nothing can be written."""
        if self.is_small:
            with (self.path / "filler").open("wb", buffering=0) as file:
                for size in (1 << 20, 4096, 1):
                    try:
                        while True:
                            file.write(bytes(size))
                    except OSError:
                        pass
        else:
            _, hard = resource.prlimit(coordinator, resource.RLIMIT_FSIZE)
            resource.prlimit(coordinator, resource.RLIMIT_FSIZE, (0, hard))

    def free(self, coordinator: int) -> None:
        if self.is_small:
            (self.path / "filler").unlink(missing_ok=True)
        else:
            try:
                _, hard = resource.prlimit(coordinator, resource.RLIMIT_FSIZE)
                resource.prlimit(coordinator, resource.RLIMIT_FSIZE, (hard, hard))
            except ProcessLookupError:
                pass

    def keep(self, folder: Path) -> None:
        """Copies what is in it, to be looked at later."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.path.iterdir():
            if file.is_file() and file.name != "filler":
                (folder / file.name).write_bytes(file.read_bytes())

    def remove(self) -> None:
        if self.is_small:
            subprocess.run(["umount", str(self.path)], capture_output=True)
