"""The native kernels, built where there is a compiler: without one the package installs all the same, and speaks slower."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NAME: Final = "models.qwen.native._native"
FOLDER: Final = Path("models/qwen/native")
# No -march: every function for a newer processor says so itself, and the library runs on any. Sums are rounded as they are
# written, whatever a user's CFLAGS allow.
COMPILING: Final = ["-O3", "-g0", "-std=c11", "-fvisibility=hidden", "-ffp-contract=off", "-fno-fast-math", "-pthread"]


class BuildLibrary(build_ext):
    """A plain shared library, called through ctypes: one file for every Python."""

    def get_ext_filename(self, fullname: str) -> str:
        return f"{fullname.replace('.', '/')}.so"

    def build_extension(self, ext: Extension) -> None:
        """Where it cannot be built, none of older sources stays in its place."""
        try:
            super().build_extension(ext)
        except Exception:
            newest = max(Path(source).stat().st_mtime for source in (*ext.sources, *ext.depends))
            for file in (Path(self.get_ext_fullpath(ext.name)), FOLDER / "_native.so"):
                if file.exists() and file.stat().st_mtime < newest:
                    file.unlink()
            raise


setup(
    ext_modules=[
        Extension(
            NAME,
            sources=sorted(str(file) for file in FOLDER.glob("*.c")),
            depends=sorted(str(file) for file in [*FOLDER.glob("*.h"), *FOLDER.glob("*.inc")]),
            extra_compile_args=COMPILING,
            extra_link_args=["-pthread", "-lm"],
            optional=True,
        )
    ],
    cmdclass={"build_ext": BuildLibrary},
)
